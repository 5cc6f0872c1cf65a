import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TENANTS = ['mail_thread', 'mail_message'];

export class Mail1763640100000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      -- Mail that was answered with 250 and is not parsed yet. Without row-level security: read across accounts by the mail readers; ids and a hash, no content.
      -- lane: what must be read in the order it came (channel and sender). starts: how often reading began.
      CREATE TABLE mail_waiting (
        raw_id uuid PRIMARY KEY, account_id uuid NOT NULL, channel_id uuid NOT NULL, lane bytea NOT NULL, seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
        starts int NOT NULL DEFAULT 0, lease uuid, lease_until timestamptz);
      CREATE INDEX mail_waiting_order ON mail_waiting (seq);
      CREATE INDEX mail_waiting_lane ON mail_waiting (lane, seq);

      -- customer: who began it; another sender is shown as such.
      CREATE TABLE mail_thread (
        account_id uuid NOT NULL, id uuid NOT NULL, channel_id uuid NOT NULL, customer text, created_at timestamptz NOT NULL, PRIMARY KEY (account_id, id));

      -- Every Message-ID of a thread: seen (customer), sent (ours), or only named by another mail (mentioned). The key keeps mails of one thread together (MAIL-2).
      CREATE SEQUENCE mail_message_seq AS bigint;
      CREATE TABLE mail_message (
        account_id uuid NOT NULL, message_id text NOT NULL, thread_id uuid NOT NULL, kind text NOT NULL CHECK (kind IN ('customer', 'ours', 'mentioned')),
        fingerprint bytea, seq bigint NOT NULL DEFAULT nextval('mail_message_seq'), PRIMARY KEY (account_id, message_id));
      CREATE INDEX mail_message_of_thread ON mail_message (account_id, thread_id, seq);

      -- Without row-level security: a reply token tells the account before anything else is known. Holds the MAC and ids, nothing else.
      CREATE TABLE mail_token (token text PRIMARY KEY, account_id uuid NOT NULL, channel_id uuid NOT NULL, thread_id uuid NOT NULL);
      ${TENANTS.map((table) => tenant(table)).join('')}`);
  }

  async down(runner: QueryRunner) {
    await runner.query(`DROP TABLE ${['mail_waiting', 'mail_token', ...TENANTS].join(', ')}; DROP SEQUENCE mail_message_seq`);
  }
}
