import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenant } from '@parley/service/database';

/** The public feed (NTF-3), and follow-up e-mails on their way (TIME-1). */
export class Notifications1795132800000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      -- The row lock on it makes the sequence of an account gapless and visible in order. Without row-level security: retention
      -- walks all accounts, and the table holds nothing but their ids and a count.
      CREATE TABLE feed_counter (account_id uuid PRIMARY KEY, sequence bigint NOT NULL) WITH (fillfactor = 10);

      -- envelope: without its sequence, which is the column's. json, not jsonb: kept as it was said.
      CREATE TABLE feed_event (
        account_id uuid NOT NULL, sequence bigint NOT NULL, event_id uuid NOT NULL, type text NOT NULL, ticket_id uuid,
        envelope json NOT NULL, at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (account_id, sequence), UNIQUE (account_id, event_id));
      ${tenant('feed_event')}

      -- What of the accounts is needed to write in their name; heard from access.
      CREATE TABLE brand (
        account_id uuid PRIMARY KEY, name text NOT NULL, sender_email text, logo_url text, brand_color text, accent_color text,
        privacy_url text, terms_url text, version bigint NOT NULL);
      ${tenant('brand')}

      -- id: of the timer, so that a timer makes one mail. request: what tickets said when it fell due.
      CREATE TABLE mail (
        account_id uuid NOT NULL, id uuid NOT NULL, ticket_id uuid NOT NULL, session_id uuid NOT NULL, recipient text NOT NULL, request jsonb NOT NULL,
        state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'failed', 'cancelled')), reason text,
        created_at timestamptz NOT NULL, PRIMARY KEY (account_id, id));
      CREATE INDEX mail_of_recipient ON mail (account_id, recipient, created_at);
      CREATE INDEX mail_of_session ON mail (account_id, session_id) WHERE state = 'queued';
      ${tenant('mail')}

      -- Work to do, by whichever replica. Without row-level security: a worker looks for work before it knows the account;
      -- the table holds ids and times only.
      CREATE TABLE mail_due (
        mail_id uuid PRIMARY KEY, account_id uuid NOT NULL, due_at timestamptz NOT NULL DEFAULT now(), attempt int NOT NULL DEFAULT 0,
        lease_token uuid, lease_until timestamptz);
      CREATE INDEX mail_due_at ON mail_due (due_at);
    `);
  }

  async down(runner: QueryRunner) {
    await runner.query('DROP TABLE mail_due, mail, brand, feed_event, feed_counter');
  }
}
