import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When the provider of a channel last refused an answer because its window is closed (TKT-11). */
export class Meta1763662000000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query('ALTER TABLE ticket ADD window_closed_at timestamptz(3)');
  }

  async down(runner: QueryRunner) {
    await runner.query('ALTER TABLE ticket DROP COLUMN window_closed_at');
  }
}
