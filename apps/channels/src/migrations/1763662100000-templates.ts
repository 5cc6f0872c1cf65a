import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The templates that a provider last listed for a channel. */
export class Templates1763662100000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      CREATE TABLE channel_template (account_id uuid NOT NULL, channel_id uuid NOT NULL, templates jsonb NOT NULL, fetched_at timestamptz NOT NULL, PRIMARY KEY (account_id, channel_id));
      ${tenant('channel_template')}`);
  }

  async down(runner: QueryRunner) {
    await runner.query('DROP TABLE channel_template');
  }
}
