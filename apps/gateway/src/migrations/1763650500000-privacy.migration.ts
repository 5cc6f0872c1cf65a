import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** ACC-6: audit entries form a chain per account. PRO-6: who is being erased, and which service has answered. */
export class Privacy1763650500000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      -- place and hash are null for entries of before there was a chain.
      ALTER TABLE audit_entry ADD place bigint, ADD hash bytea;
      CREATE UNIQUE INDEX audit_entry_place ON audit_entry (account_id, place) WHERE place IS NOT NULL;
      -- The end of the chain: its lock orders the entries.
      CREATE TABLE audit_head (account_id uuid PRIMARY KEY, place bigint NOT NULL, hash bytea NOT NULL) WITH (fillfactor = 50);

      -- person: sealed by PARLEY_SECRET_KEY, and gone when the erasure is done. answers: when each service has answered.
      CREATE TABLE erase_request (
        account_id uuid NOT NULL, id uuid NOT NULL, profile_id uuid NOT NULL, person text, answers jsonb NOT NULL DEFAULT '{}',
        requested_at timestamptz NOT NULL, done_at timestamptz, PRIMARY KEY (account_id, id));
      CREATE INDEX erase_request_of ON erase_request (account_id, profile_id);
      ${['audit_head', 'erase_request'].map((table) => tenant(table)).join('\n')}

      -- Without row-level security: whoever carries erasures out looks for work before the account is known. Ids and times.
      CREATE TABLE erase_due (request_id uuid PRIMARY KEY, account_id uuid NOT NULL, due_at timestamptz NOT NULL DEFAULT now());
    `);
  }

  async down(runner: QueryRunner) {
    await runner.query('DROP TABLE erase_due, erase_request, audit_head; ALTER TABLE audit_entry DROP COLUMN place, DROP COLUMN hash;');
  }
}
