import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** PRO-6: what is left of the identifiers of somebody who was erased. */
export class Privacy1763650510000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      CREATE TABLE erased_identifier (account_id uuid NOT NULL, hash text NOT NULL, at timestamptz(3) NOT NULL, PRIMARY KEY (hash, account_id));
      ${tenant('erased_identifier')}`);
  }

  async down(runner: QueryRunner) {
    await runner.query('DROP TABLE erased_identifier');
  }
}
