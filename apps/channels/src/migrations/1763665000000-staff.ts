import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Staff1763665000000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    // The addresses of the brand's people, heard from access: what they forward is believed (MAIL-3).
    await runner.query(`
      CREATE TABLE staff_address (account_id uuid NOT NULL, user_id uuid NOT NULL, address text NOT NULL, PRIMARY KEY (account_id, user_id));
      ${tenant('staff_address')}`);
  }

  async down(runner: QueryRunner) {
    await runner.query('DROP TABLE staff_address');
  }
}
