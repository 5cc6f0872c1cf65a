import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files of answers: by mail as parts, in a chat as links. */
export class Files1763650210000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      ALTER TABLE delivery ADD attachments jsonb NOT NULL DEFAULT '[]';
      ALTER TABLE chat_message ADD attachments jsonb NOT NULL DEFAULT '[]';`);
  }

  async down(runner: QueryRunner) {
    await runner.query('ALTER TABLE chat_message DROP COLUMN attachments; ALTER TABLE delivery DROP COLUMN attachments;');
  }
}
