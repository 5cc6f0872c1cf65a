import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Templates that can be sent by a channel (TKT-11), as channels last told. */
export class Templates1763662100000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      CREATE TABLE message_template (
        account_id uuid NOT NULL, channel_id uuid NOT NULL, name text NOT NULL, language text NOT NULL, text text NOT NULL, variables text[] NOT NULL,
        PRIMARY KEY (account_id, channel_id, name, language));
      ${tenant('message_template')}`);
  }

  async down(runner: QueryRunner) {
    await runner.query('DROP TABLE message_template');
  }
}
