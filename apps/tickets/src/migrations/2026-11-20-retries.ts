import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which message is a second attempt at which, which was tried again as which, and what was sent in place of the words (TKT-8). */
export class Retries1763667000000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query('ALTER TABLE message ADD retry_of uuid, ADD retried_as uuid, ADD template jsonb');
  }

  async down(runner: QueryRunner) {
    await runner.query('ALTER TABLE message DROP COLUMN retry_of, DROP COLUMN retried_as, DROP COLUMN template');
  }
}
