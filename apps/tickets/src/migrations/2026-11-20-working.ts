import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['tag', 'ticket_tag', 'macro', 'coupon_pool', 'coupon_code', 'attachment', 'scheduled_reply'];

/** What agents work a ticket with: tags and where they came from, macros, coupons, files, replies that wait for their time, mentions. */
export class Working1763650200000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      -- key: the name as it is compared. A removed tag stays, for the history of tickets.
      CREATE TABLE tag (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, name text NOT NULL, key text NOT NULL, created_at timestamptz(3) NOT NULL,
        removed_at timestamptz(3), version bigint NOT NULL DEFAULT 1);
      CREATE UNIQUE INDEX one_tag_per_name ON tag (key, account_id) WHERE removed_at IS NULL;
      -- TKT-14. What stands in ticket.tags now is what lists filter by; here is where it came from, and what was.
      CREATE TABLE ticket_tag (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, ticket_id uuid NOT NULL REFERENCES ticket (id), tag_id uuid NOT NULL REFERENCES tag (id), name_then text NOT NULL,
        origin text NOT NULL CHECK (origin IN ('person', 'rule', 'auto')), by_id uuid, at timestamptz(3) NOT NULL, removed_at timestamptz(3), removed_by uuid);
      CREATE UNIQUE INDEX one_tagging ON ticket_tag (ticket_id, tag_id) WHERE removed_at IS NULL;
      CREATE INDEX ticket_tag_of_tag ON ticket_tag (tag_id, ticket_id);
      CREATE INDEX ticket_tag_of_ticket ON ticket_tag (ticket_id, at, id);`);

    await runner.query(`
      CREATE TABLE macro (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, name text NOT NULL, key text NOT NULL, category text, text text NOT NULL, actions jsonb NOT NULL,
        uses bigint NOT NULL DEFAULT 0, last_used_at timestamptz(3), created_at timestamptz(3) NOT NULL, updated_at timestamptz(3) NOT NULL, version bigint NOT NULL DEFAULT 1,
        UNIQUE (key, account_id)) WITH (fillfactor = 80);
      CREATE TABLE coupon_pool (id uuid PRIMARY KEY, account_id uuid NOT NULL, name text NOT NULL, created_at timestamptz(3) NOT NULL, UNIQUE (name, account_id));
      -- given_to: who has it, by which message. returned_at: that message could not be sent; the code stays theirs for a while, as a late delivery may still turn up.
      CREATE TABLE coupon_code (
        account_id uuid NOT NULL, pool_id uuid NOT NULL REFERENCES coupon_pool (id), code text NOT NULL, seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
        given_to uuid, message_id uuid, given_at timestamptz(3), returned_at timestamptz(3), PRIMARY KEY (pool_id, code)) WITH (fillfactor = 80);
      CREATE INDEX coupon_code_free ON coupon_code (pool_id, seq) WHERE given_at IS NULL;
      CREATE INDEX coupon_code_returned ON coupon_code (pool_id, returned_at) WHERE returned_at IS NOT NULL;
      CREATE INDEX coupon_code_of_message ON coupon_code (message_id) WHERE message_id IS NOT NULL;`);

    await runner.query(`
      -- Files in the file store, under account and sha256. message_id: where one stands; null while it is only uploaded.
      CREATE TABLE attachment (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, name text NOT NULL, content_type text NOT NULL, size_bytes bigint NOT NULL, inline boolean NOT NULL, sha256 text NOT NULL,
        content_id text, message_id uuid, uploaded_by uuid, created_at timestamptz(3) NOT NULL);
      CREATE INDEX attachment_of_message ON attachment (message_id) WHERE message_id IS NOT NULL;
      CREATE INDEX attachment_of_bytes ON attachment (sha256, account_id);
      -- However a message comes into its thread, its files can be found by their ids.
      CREATE FUNCTION keep_files_of_message() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO attachment (id, account_id, name, content_type, size_bytes, inline, sha256, content_id, message_id, created_at)
          SELECT (f ->> 'id')::uuid, NEW.account_id, f ->> 'name', f ->> 'contentType', (f ->> 'sizeBytes')::bigint, (f ->> 'inline')::boolean, f ->> 'sha256', f ->> 'contentId', NEW.id, NEW.received_at
          FROM jsonb_array_elements(NEW.attachments) f WHERE f ? 'sha256'
          ON CONFLICT (id) DO UPDATE SET message_id = excluded.message_id WHERE attachment.account_id = excluded.account_id;
          RETURN NULL;
        END $$;
      CREATE TRIGGER keep_files AFTER INSERT ON message FOR EACH ROW WHEN (NEW.attachments <> '[]'::jsonb) EXECUTE FUNCTION keep_files_of_message();

      CREATE TABLE scheduled_reply (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, ticket_id uuid NOT NULL REFERENCES ticket (id), timer_id uuid NOT NULL, text text, attachments uuid[] NOT NULL, macro_id uuid,
        keep_snoozed boolean NOT NULL, author_type text NOT NULL, author_id uuid, send_at timestamptz(3) NOT NULL, created_at timestamptz(3) NOT NULL,
        message_id uuid, state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed', 'cancelled')));
      CREATE INDEX scheduled_reply_of ON scheduled_reply (ticket_id);
      CREATE INDEX scheduled_reply_timer ON scheduled_reply (timer_id);

      ALTER TABLE note ADD mentions uuid[] NOT NULL DEFAULT '{}';`);
    for (const table of TABLES) await runner.query(tenant(table));
  }

  async down(runner: QueryRunner) {
    await runner.query(`
      ALTER TABLE note DROP COLUMN mentions;
      DROP TRIGGER keep_files ON message;
      DROP FUNCTION keep_files_of_message();
      DROP TABLE scheduled_reply, attachment, coupon_code, coupon_pool, macro, ticket_tag, tag;`);
  }
}
