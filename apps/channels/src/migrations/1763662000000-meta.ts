import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What Meta needs to know of an answer, and what it tells of it: who wrote it, the template, the price. */
export class Meta1763662000000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      ALTER TABLE delivery ADD by_person boolean NOT NULL DEFAULT false, ADD template jsonb, ADD pricing jsonb;
      ALTER TABLE parked_status ADD class text, ADD pricing jsonb;`);
  }

  async down(runner: QueryRunner) {
    await runner.query('ALTER TABLE parked_status DROP COLUMN class, DROP COLUMN pricing; ALTER TABLE delivery DROP COLUMN by_person, DROP COLUMN template, DROP COLUMN pricing;');
  }
}
