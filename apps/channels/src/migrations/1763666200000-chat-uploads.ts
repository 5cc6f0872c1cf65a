import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files of visitors: those that wait to be sent, and those that stand with a message. */
export class ChatUploads1763666200000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      CREATE TABLE chat_upload (
        account_id uuid NOT NULL, id uuid NOT NULL, session_id uuid NOT NULL, name text NOT NULL, content_type text NOT NULL, size_bytes bigint NOT NULL, sha256 text NOT NULL,
        created_at timestamptz NOT NULL, PRIMARY KEY (account_id, id));
      CREATE INDEX chat_upload_of_session ON chat_upload (account_id, session_id);
      CREATE INDEX chat_upload_age ON chat_upload (account_id, created_at);

      ALTER TABLE chat_sent ADD attachments jsonb NOT NULL DEFAULT '[]';
      CREATE INDEX chat_token_age ON chat_token (account_id, session_id, created_at);
      DROP INDEX chat_token_of_session;
      ${tenant('chat_upload')}`);
  }

  async down(runner: QueryRunner) {
    await runner.query(`
      CREATE INDEX chat_token_of_session ON chat_token (account_id, session_id);
      DROP INDEX chat_token_age;
      ALTER TABLE chat_sent DROP COLUMN attachments;
      DROP TABLE chat_upload;`);
  }
}
