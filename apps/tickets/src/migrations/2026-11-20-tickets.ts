import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every table of this service. All hold rows of accounts, so all have row-level security: nothing is looked up before the account is known. */
const TABLES = ['message', 'note', 'held_message', 'chat_presence', 'ticket', 'ticket_counter', 'consent', 'profile_identifier', 'profile', 'setting', 'channel', 'agent', 'account'];

/**
 * Tickets, their messages, the customers, the settings, and what is remembered of other services (messaging.md section 4).
 *
 * Plans are kept, also those of an empty database, and row-level security adds the account to every condition. So the
 * account leads no index that could be walked by it alone: else a plan of the first day walks all tickets of an account.
 */
export class Tickets1763640000000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      CREATE TABLE account (
        id uuid PRIMARY KEY, name text NOT NULL, timezone text NOT NULL, locale text NOT NULL, sender_email text, version bigint NOT NULL);
      CREATE TABLE agent (
        id uuid NOT NULL, account_id uuid NOT NULL, name text NOT NULL, role text NOT NULL, active boolean NOT NULL, version bigint NOT NULL, PRIMARY KEY (account_id, id));
      CREATE TABLE channel (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, type text NOT NULL, enabled boolean NOT NULL, name text NOT NULL, settings jsonb NOT NULL, version bigint NOT NULL);
      CREATE TABLE setting (
        account_id uuid NOT NULL, area text NOT NULL, "values" jsonb NOT NULL, version bigint NOT NULL, PRIMARY KEY (account_id, area));`);

    await runner.query(`
      CREATE TABLE profile (
        id uuid NOT NULL, account_id uuid NOT NULL, name text, locale text, timezone text,
        consents jsonb NOT NULL DEFAULT '{}', blocked boolean NOT NULL DEFAULT false, created_at timestamptz(3) NOT NULL, version bigint NOT NULL DEFAULT 1,
        PRIMARY KEY (account_id, id));
      -- PRO-1: an identifier belongs to one profile of the account.
      CREATE TABLE profile_identifier (
        account_id uuid NOT NULL, type text NOT NULL, value text NOT NULL, verified boolean NOT NULL,
        profile_id uuid NOT NULL, PRIMARY KEY (type, value, account_id),
        FOREIGN KEY (account_id, profile_id) REFERENCES profile (account_id, id));
      CREATE INDEX profile_identifier_of ON profile_identifier (profile_id);
      -- PRO-2: append-only.
      CREATE TABLE consent (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, profile_id uuid NOT NULL, kind text NOT NULL,
        state text NOT NULL CHECK (state IN ('granted', 'revoked')), source text NOT NULL, evidence text, at timestamptz(3) NOT NULL,
        FOREIGN KEY (account_id, profile_id) REFERENCES profile (account_id, id));
      CREATE INDEX consent_of ON consent (profile_id, at, id);`);

    await runner.query(`
      CREATE TABLE ticket_counter (account_id uuid PRIMARY KEY, number bigint NOT NULL) WITH (fillfactor = 50);
      CREATE TABLE ticket (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, number bigint NOT NULL, partition smallint NOT NULL,
        channel_type text NOT NULL CHECK (channel_type IN ('webchat', 'email', 'sms', 'instagram', 'whatsapp')), channel_id uuid NOT NULL,
        profile_id uuid NOT NULL, email_thread_key uuid, chat_session_id uuid, customer jsonb NOT NULL,
        subject text, status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'snoozed', 'closed')),
        snoozed_until timestamptz(3), wake_on_reply boolean NOT NULL DEFAULT true, open_since timestamptz(3) NOT NULL,
        assignee_id uuid, team_id uuid, tags text[] NOT NULL DEFAULT '{}', priority smallint NOT NULL DEFAULT 1, spam boolean NOT NULL DEFAULT false,
        unread boolean NOT NULL DEFAULT false, preview text, last_seq bigint NOT NULL DEFAULT 0, last_message_at timestamptz(3) NOT NULL,
        last_inbound_seq bigint NOT NULL DEFAULT 0, last_inbound_at timestamptz(3) NOT NULL, last_agent_seq bigint NOT NULL DEFAULT 0, last_agent_at timestamptz(3),
        answered_at timestamptz(3), waiting_since timestamptz(3), created_at timestamptz(3) NOT NULL, first_response_at timestamptz(3), closed_at timestamptz(3),
        language text, attribution jsonb, merged_into uuid, split_from uuid,
        chat_online boolean, chat_since timestamptz(3), chat_episode bigint NOT NULL DEFAULT 0, read_up_to_seq bigint NOT NULL DEFAULT 0,
        timetable jsonb NOT NULL DEFAULT '{}', countdowns bigint NOT NULL DEFAULT 0, version bigint NOT NULL DEFAULT 1,
        -- Merged or split-off tickets receive nothing (TKT-22).
        holds_thread boolean GENERATED ALWAYS AS (merged_into IS NULL AND split_from IS NULL) STORED,
        UNIQUE (number, account_id), FOREIGN KEY (account_id, profile_id) REFERENCES profile (account_id, id)) WITH (fillfactor = 80);

      -- TKT-2 and TKT-3: the twins of POLICY's per and among.
      CREATE UNIQUE INDEX one_sms_wa ON ticket (account_id, channel_id, profile_id) WHERE holds_thread AND channel_type IN ('sms', 'whatsapp');
      CREATE UNIQUE INDEX one_open_ig ON ticket (account_id, channel_id, profile_id) WHERE holds_thread AND channel_type = 'instagram' AND status <> 'closed';
      CREATE UNIQUE INDEX one_mail_thread ON ticket (account_id, email_thread_key) WHERE holds_thread AND channel_type = 'email';
      CREATE UNIQUE INDEX one_chat ON ticket (account_id, chat_session_id) WHERE holds_thread AND channel_type = 'webchat';
      CREATE UNIQUE INDEX one_live_chat ON ticket (account_id, profile_id) WHERE holds_thread AND channel_type = 'webchat' AND status <> 'closed';

      -- TKT-15: each sort, with and without an assignee; equalities first, then the keys of the page.
      CREATE INDEX inbox_last_message ON ticket (status, spam, account_id, last_message_at, id);
      CREATE INDEX inbox_created ON ticket (status, spam, account_id, created_at, id);
      CREATE INDEX inbox_waiting ON ticket (status, spam, account_id, coalesce(waiting_since, 'infinity'::timestamptz), id);
      CREATE INDEX inbox_priority ON ticket (status, spam, account_id, priority, last_message_at, id);
      CREATE INDEX desk_last_message ON ticket (assignee_id, status, spam, account_id, last_message_at, id);
      CREATE INDEX desk_created ON ticket (assignee_id, status, spam, account_id, created_at, id);
      CREATE INDEX desk_waiting ON ticket (assignee_id, status, spam, account_id, coalesce(waiting_since, 'infinity'::timestamptz), id);
      CREATE INDEX desk_priority ON ticket (assignee_id, status, spam, account_id, priority, last_message_at, id);
      CREATE INDEX ticket_of_profile ON ticket (profile_id);
      CREATE INDEX ticket_unread ON ticket (account_id, profile_id) WHERE unread AND NOT spam;

      -- TKT-5: whatever the code believes.
      CREATE FUNCTION refuse_reopening() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'a closed % ticket never reopens', OLD.channel_type USING ERRCODE = 'PT409';
        END $$;
      CREATE TRIGGER closed_for_good BEFORE UPDATE OF status ON ticket FOR EACH ROW
        WHEN (OLD.status = 'closed' AND NEW.status <> 'closed' AND OLD.channel_type IN ('webchat', 'instagram')) EXECUTE FUNCTION refuse_reopening();`);

    await runner.query(`
      CREATE TABLE message (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, ticket_id uuid NOT NULL REFERENCES ticket (id), seq bigint NOT NULL,
        direction text NOT NULL CHECK (direction IN ('inbound', 'outbound')), author_type text NOT NULL, author_id uuid, author_name text,
        text text NOT NULL, html text, truncated boolean NOT NULL DEFAULT false, attachments jsonb NOT NULL DEFAULT '[]',
        keyword text, automatic text, note text, delivery_state text, delivery_failure jsonb,
        occurred_at timestamptz(3) NOT NULL, received_at timestamptz(3) NOT NULL, read_at timestamptz(3), source_event_id uuid UNIQUE,
        UNIQUE (ticket_id, seq));
      CREATE TABLE note (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, ticket_id uuid NOT NULL REFERENCES ticket (id), after_seq bigint NOT NULL,
        author_id uuid NOT NULL, author_name text, text text NOT NULL, created_at timestamptz(3) NOT NULL);
      CREATE INDEX note_of ON note (ticket_id, after_seq, id);
      -- Accepted messages outside every thread: keywords until a ticket comes (settled 11), what blocked people write (PRO-5), stray auto-replies.
      CREATE TABLE held_message (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, profile_id uuid, channel_id uuid NOT NULL,
        why text NOT NULL CHECK (why IN ('keyword', 'blocked', 'automatic')), message jsonb NOT NULL, source_event_id uuid NOT NULL UNIQUE, at timestamptz(3) NOT NULL,
        FOREIGN KEY (account_id, profile_id) REFERENCES profile (account_id, id));
      CREATE INDEX held_message_of ON held_message (profile_id, at, id);
      -- What is known of a chat visitor before there is a ticket.
      CREATE TABLE chat_presence (
        account_id uuid NOT NULL, session_id uuid NOT NULL, online boolean NOT NULL, since timestamptz(3) NOT NULL, episode bigint NOT NULL, PRIMARY KEY (account_id, session_id));`);

    for (const table of TABLES) await runner.query(tenant(table, table === 'account' ? 'id' : 'account_id'));
  }

  async down(runner: QueryRunner) {
    await runner.query(`DROP TABLE ${TABLES.join(', ')}; DROP FUNCTION refuse_reopening();`);
  }
}
