import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TENANTS = ['chat_session', 'chat_sent', 'chat_message', 'brand'];

export class Webchat1763640200000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      -- visitor: the sub of a proven identity token (CHAT-2). online, since, episode: presence (CHAT-10), by the account's time.
      CREATE TABLE chat_session (
        account_id uuid NOT NULL, id uuid NOT NULL, channel_id uuid NOT NULL, visitor text NOT NULL, name text, email text,
        open boolean NOT NULL DEFAULT true, ended_by text CHECK (ended_by IN ('visitor', 'brand')), ticket_id uuid, partition smallint NOT NULL,
        read_seq bigint NOT NULL DEFAULT 0, last_seq bigint NOT NULL DEFAULT 0, online boolean NOT NULL DEFAULT false, since timestamptz NOT NULL,
        episode bigint NOT NULL DEFAULT 0, created_at timestamptz NOT NULL, closed_at timestamptz,
        PRIMARY KEY (account_id, id), CHECK (open = (ended_by IS NULL))) WITH (fillfactor = 80);
      CREATE UNIQUE INDEX one_living_chat ON chat_session (account_id, channel_id, visitor) WHERE open;
      CREATE INDEX chat_of_ticket ON chat_session (account_id, ticket_id) WHERE ticket_id IS NOT NULL;

      -- Without row-level security: a visitor's token tells the account before anything else is known. SHA-256 of 256 random bits, and ids.
      CREATE TABLE chat_token (hash bytea PRIMARY KEY, account_id uuid NOT NULL, session_id uuid NOT NULL, created_at timestamptz NOT NULL);
      CREATE INDEX chat_token_of_session ON chat_token (account_id, session_id);

      -- A message under its sender's own id, which is the same when it is sent again. sent_to: the chat it was sent to; stands_in: another, if that one was closed.
      CREATE TABLE chat_sent (
        account_id uuid NOT NULL, sent_to uuid NOT NULL, client_id text NOT NULL, inbound_id uuid NOT NULL, stands_in uuid NOT NULL, text text NOT NULL,
        accepted_at timestamptz NOT NULL, PRIMARY KEY (account_id, sent_to, client_id), UNIQUE (account_id, inbound_id));
      CREATE INDEX chat_sent_standing ON chat_sent (account_id, stands_in, client_id);

      -- The thread as the visitor may see it, for replay (CHAT-6); deleted when the chat is closed (CHAT-7).
      CREATE TABLE chat_message (
        account_id uuid NOT NULL, session_id uuid NOT NULL, seq bigint NOT NULL, id uuid NOT NULL, from_brand boolean NOT NULL, name text, text text NOT NULL,
        at timestamptz NOT NULL, client_id text, PRIMARY KEY (account_id, session_id, seq));

      -- Without row-level security: lapsed leases are looked for across accounts. Ids and times of sockets; gone within seconds of them.
      CREATE TABLE chat_lease (id uuid PRIMARY KEY, account_id uuid NOT NULL, session_id uuid NOT NULL, until timestamptz NOT NULL) WITH (fillfactor = 50);
      CREATE INDEX chat_lease_of_session ON chat_lease (account_id, session_id);
      CREATE INDEX chat_lease_until ON chat_lease (until);

      -- What the widget shows of the account.
      CREATE TABLE brand (account_id uuid PRIMARY KEY, brand jsonb NOT NULL);
      ${TENANTS.map((table) => tenant(table)).join('')}`);
  }

  async down(runner: QueryRunner) {
    await runner.query(`DROP TABLE ${['chat_token', 'chat_lease', ...TENANTS].join(', ')}`);
  }
}
