import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TENANTS = ['channel', 'raw_inbound', 'inbound_item', 'conversation', 'inbound_message', 'delivery', 'parked_status', 'person_consent', 'blocked_person'];

export class Channels1763640000000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      CREATE TABLE channel (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, type text NOT NULL, provider text NOT NULL, name text NOT NULL, enabled boolean NOT NULL,
        address text, settings jsonb NOT NULL, credentials text NOT NULL, -- sealed by PARLEY_SECRET_KEY
        webhook_key text, widget_key text, forwarding_token text,
        created_at timestamptz NOT NULL, removed_at timestamptz, version bigint NOT NULL);
      CREATE INDEX channel_of_account ON channel (account_id, id) WHERE removed_at IS NULL;
      CREATE UNIQUE INDEX one_channel_per_address ON channel (account_id, type, lower(address)) WHERE removed_at IS NULL AND address IS NOT NULL;

      -- Without row-level security: who is addressed is known before the account is. Holds the random key and ids, nothing else.
      CREATE TABLE channel_key (key text PRIMARY KEY, account_id uuid NOT NULL, channel_id uuid NOT NULL);

      -- The bytes as they came; kept 30 days. items: how many messages and unreadable pieces were found in them, for the books.
      CREATE TABLE raw_inbound (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, channel_id uuid NOT NULL, received_at timestamptz NOT NULL,
        method text NOT NULL, url text NOT NULL, headers jsonb NOT NULL, body bytea NOT NULL, items int NOT NULL);
      CREATE INDEX raw_inbound_by_day ON raw_inbound (channel_id, received_at);

      CREATE INDEX raw_inbound_by_age ON raw_inbound (account_id, received_at);

      -- What came and is no message of its own: duplicates, and what could not be read (OPS-6).
      CREATE TABLE inbound_item (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, channel_id uuid NOT NULL, raw_id uuid, received_at timestamptz NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('duplicate', 'quarantined')), inbound_id uuid, reason text);
      CREATE INDEX inbound_item_by_day ON inbound_item (channel_id, received_at);

      -- Its lock orders what happens in a conversation; seq is the number of the newest message, moved counts those that have left it.
      CREATE TABLE conversation (
        account_id uuid NOT NULL, conv_key text NOT NULL, channel_id uuid NOT NULL, partition smallint NOT NULL, seq bigint NOT NULL, moved int NOT NULL DEFAULT 0,
        PRIMARY KEY (account_id, conv_key)) WITH (fillfactor = 50);

      -- One distinct message each. outcome: null while tickets has not said what became of it.
      CREATE TABLE inbound_message (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, channel_id uuid NOT NULL, provider_message_id text NOT NULL,
        conv_key text NOT NULL, conv_seq bigint NOT NULL, raw_id uuid, fingerprint bytea, keyword text, profile_id uuid,
        received_at timestamptz NOT NULL, outcome text, reason text,
        UNIQUE (channel_id, provider_message_id), UNIQUE (account_id, conv_key, conv_seq)) WITH (fillfactor = 80);
      CREATE UNIQUE INDEX one_mail ON inbound_message (account_id, fingerprint) WHERE fingerprint IS NOT NULL;
      CREATE INDEX inbound_message_by_day ON inbound_message (channel_id, received_at);

      -- One answer on its way to a provider, and where it stands (TKT-8).
      CREATE TABLE delivery (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, channel_id uuid NOT NULL, ticket_id uuid, profile_id uuid,
        recipient jsonb NOT NULL, to_name text, session_id uuid, thread_id uuid, subject text, text text NOT NULL, html text,
        state text NOT NULL, failure jsonb, provider_message_id text, unsure int NOT NULL, first_tried_at timestamptz, created_at timestamptz NOT NULL);
      CREATE UNIQUE INDEX delivery_by_provider ON delivery (channel_id, provider_message_id) WHERE provider_message_id IS NOT NULL;
      CREATE INDEX delivery_by_day ON delivery (channel_id, created_at);

      -- Without row-level security: the queue of the senders, who serve all accounts. Ids and times, no content; a row is gone when its delivery is decided.
      CREATE TABLE outbox (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, channel_id uuid NOT NULL, ticket_id uuid, place bigint NOT NULL, created_at timestamptz NOT NULL,
        next_at timestamptz NOT NULL, attempt int NOT NULL DEFAULT 0, lease_token uuid, lease_until timestamptz);
      CREATE INDEX outbox_due ON outbox (next_at);
      CREATE INDEX outbox_order ON outbox (ticket_id, place);

      -- Callbacks for messages whose sending is not recorded yet.
      CREATE TABLE parked_status (
        account_id uuid NOT NULL, channel_id uuid NOT NULL, provider_message_id text NOT NULL, state text NOT NULL, failure jsonb, occurred_at timestamptz NOT NULL,
        parked_at timestamptz NOT NULL, PRIMARY KEY (channel_id, provider_message_id, state));

      -- What tickets last said of a person, to be asked again at the moment of sending (TKT-11).
      CREATE TABLE person_consent (account_id uuid NOT NULL, profile_id uuid NOT NULL, kind text NOT NULL, state text NOT NULL, PRIMARY KEY (account_id, profile_id, kind));
      CREATE TABLE blocked_person (account_id uuid NOT NULL, profile_id uuid NOT NULL, PRIMARY KEY (account_id, profile_id));
      ${TENANTS.map((table) => tenant(table)).join('')}`);
  }

  async down(runner: QueryRunner) {
    await runner.query(`DROP TABLE ${[...TENANTS, 'channel_key', 'outbox'].join(', ')}`);
  }
}
