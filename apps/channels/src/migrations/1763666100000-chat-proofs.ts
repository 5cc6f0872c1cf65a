import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Identity tokens that name themselves (jti) are good for one start: SHA-256 of the name, until the token would have expired anyway. */
export class ChatProofs1763666100000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      CREATE TABLE chat_proof_used (
        account_id uuid NOT NULL, channel_id uuid NOT NULL, hash bytea NOT NULL, expires_at timestamptz NOT NULL, PRIMARY KEY (account_id, channel_id, hash));
      CREATE INDEX chat_proof_expiry ON chat_proof_used (account_id, channel_id, expires_at);
      ${tenant('chat_proof_used')}`);
  }

  async down(runner: QueryRunner) {
    await runner.query('DROP TABLE chat_proof_used');
  }
}
