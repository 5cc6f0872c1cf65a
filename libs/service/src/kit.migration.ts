import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PARTITIONS } from './ids.js';

/**
 * The tables behind announce, hears and the alarm, alike in every service (messaging.md section 4). They hold rows of all
 * accounts and are read across them by the kit alone, so they have no row-level security; `envelope` is scrubbed by erasure.
 */
export class KitTables1763600000000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      CREATE TABLE log_head (partition smallint PRIMARY KEY, seq bigint NOT NULL) WITH (fillfactor = 10);
      INSERT INTO log_head SELECT p, 0 FROM generate_series(0, ${PARTITIONS - 1}) p;
      CREATE TABLE log (
        partition smallint NOT NULL, seq bigint NOT NULL, event_id uuid NOT NULL, account_id uuid NOT NULL, key text NOT NULL, type text NOT NULL,
        envelope json NOT NULL, at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (partition, seq));
      CREATE TABLE log_subscriber (
        consumer text NOT NULL, partition smallint NOT NULL, position bigint NOT NULL, seen_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (consumer, partition));
      CREATE TABLE log_cursor (
        consumer text NOT NULL, source text NOT NULL, partition smallint NOT NULL, position bigint NOT NULL DEFAULT 0, last_event_id uuid,
        PRIMARY KEY (consumer, source, partition)) WITH (fillfactor = 10);
      CREATE TABLE dead_letter (
        consumer text NOT NULL, source text NOT NULL, partition smallint NOT NULL, seq bigint NOT NULL, event_id uuid NOT NULL, envelope json NOT NULL,
        attempts int NOT NULL, error text NOT NULL, at timestamptz NOT NULL DEFAULT now(), retry_at timestamptz, resolved_at timestamptz, resolution text,
        PRIMARY KEY (consumer, event_id));
      CREATE INDEX dead_letter_open ON dead_letter (consumer, at) WHERE resolved_at IS NULL;
      CREATE TABLE event_failure (
        consumer text NOT NULL, event_id uuid NOT NULL, starts int NOT NULL DEFAULT 0, failures int NOT NULL DEFAULT 0, error text, PRIMARY KEY (consumer, event_id));
      CREATE TABLE processed_command (command_id uuid PRIMARY KEY, account_id uuid NOT NULL, result jsonb, at timestamptz NOT NULL DEFAULT now());
      CREATE INDEX processed_command_age ON processed_command (at);
      CREATE TABLE account_clock (account_id uuid PRIMARY KEY, shift interval NOT NULL);
      CREATE FUNCTION parley_now(a uuid) RETURNS timestamptz LANGUAGE sql STABLE AS
        $$ SELECT now() + coalesce((SELECT shift FROM account_clock WHERE account_id = a), interval '0') $$;
      CREATE FUNCTION app_account() RETURNS uuid LANGUAGE sql STABLE AS
        $$ SELECT nullif(current_setting('app.account_id', true), '')::uuid $$;
      CREATE TABLE scheduled_action (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, kind text NOT NULL, subject_type text NOT NULL, subject_id uuid NOT NULL, generation bigint NOT NULL,
        due_at timestamptz NOT NULL, reason jsonb NOT NULL, state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'done', 'cancelled', 'failed')),
        attempt int NOT NULL DEFAULT 0, done_at timestamptz, UNIQUE (account_id, subject_type, subject_id, kind, generation));
      CREATE INDEX scheduled_action_due ON scheduled_action (due_at) WHERE state IN ('pending', 'running');
      CREATE INDEX scheduled_action_account_due ON scheduled_action (account_id, due_at) WHERE state IN ('pending', 'running');
    `);
  }

  async down(runner: QueryRunner) {
    await runner.query(`
      DROP TABLE scheduled_action, account_clock, processed_command, event_failure, dead_letter, log_cursor, log_subscriber, log, log_head;
      DROP FUNCTION parley_now(uuid);
      DROP FUNCTION app_account();
    `);
  }
}
