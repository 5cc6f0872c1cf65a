import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TENANTS = ['parked_amendment', 'echo', 'delivery_piece', 'inbound_media'];

/** What richer channels bring: amendments, echoes, messages that left in pieces, files that are fetched behind their message. */
export class Thread1763663000000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      -- What was said of messages that are not known yet, such as taken back before they came.
      CREATE TABLE parked_amendment (
        account_id uuid NOT NULL, channel_id uuid NOT NULL, provider_message_id text NOT NULL, n bigint NOT NULL GENERATED ALWAYS AS IDENTITY, conv_key text NOT NULL,
        by text NOT NULL, change jsonb NOT NULL, occurred_at timestamptz NOT NULL, parked_at timestamptz NOT NULL, PRIMARY KEY (channel_id, provider_message_id, n));
      CREATE INDEX parked_amendment_age ON parked_amendment (account_id, parked_at);

      -- What the brand wrote elsewhere. waiting: what it says, while it may still turn out to be a message of ours whose sending is not recorded yet.
      CREATE TABLE echo (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, channel_id uuid NOT NULL, provider_message_id text NOT NULL, conv_key text NOT NULL, waiting jsonb,
        received_at timestamptz NOT NULL, UNIQUE (channel_id, provider_message_id));
      -- Without row-level security: looked through across accounts. Ids and a time; gone when it is decided.
      CREATE TABLE echo_waiting (id uuid PRIMARY KEY, account_id uuid NOT NULL, since timestamptz NOT NULL);

      -- Further ids by which the provider knows a message that left in several calls.
      CREATE TABLE delivery_piece (
        account_id uuid NOT NULL, channel_id uuid NOT NULL, provider_message_id text NOT NULL, delivery_id uuid NOT NULL, PRIMARY KEY (channel_id, provider_message_id));
      CREATE INDEX delivery_unread ON delivery (channel_id, (recipient ->> 'value'), id) WHERE state IN ('sent', 'delivered');

      -- Files that are still at the provider (META-4), under the id of the attachment. wanted: false once the message was taken back.
      CREATE TABLE inbound_media (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, channel_id uuid NOT NULL, message_id uuid NOT NULL, conv_key text NOT NULL, remote jsonb NOT NULL, attachment jsonb NOT NULL,
        wanted boolean NOT NULL DEFAULT true);
      CREATE INDEX inbound_media_of_message ON inbound_media (message_id);
      -- Without row-level security: the queue of those who fetch, for all accounts. Ids, times and what is to be done; gone when it is done. discard: delete it at the provider.
      CREATE TABLE media_waiting (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, channel_id uuid NOT NULL, n bigint NOT NULL GENERATED ALWAYS AS IDENTITY, task text NOT NULL CHECK (task IN ('fetch', 'discard')),
        next_at timestamptz NOT NULL, attempt int NOT NULL DEFAULT 0, lease uuid, lease_until timestamptz);
      CREATE INDEX media_waiting_due ON media_waiting (next_at, n);
      -- Without row-level security: bytes that are to leave the file store. Account and hash; gone when they are.
      CREATE TABLE file_leaving (account_id uuid NOT NULL, sha256 text NOT NULL, PRIMARY KEY (account_id, sha256));
      ${TENANTS.map((table) => tenant(table)).join('')}`);
  }

  async down(runner: QueryRunner) {
    await runner.query(`DROP INDEX delivery_unread; DROP TABLE ${[...TENANTS, 'echo_waiting', 'media_waiting', 'file_leaving'].join(', ')}`);
  }
}
