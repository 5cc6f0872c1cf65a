import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenant } from '@parley/service/database';

/** Everything heard, kept for ever; what follows from it, in builds that can be replaced whole (REP-5). */
export class Reporting1795132800000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      -- Which build of its facts an account's reports are read from. Without row-level security: a rebuild walks all
      -- accounts, and the table holds nothing but their ids.
      CREATE TABLE reported_account (account_id uuid PRIMARY KEY, build int NOT NULL DEFAULT 1);

      -- position: in the order heard, which for one ticket is the order in which it happened.
      CREATE TABLE event_log (
        account_id uuid NOT NULL, position bigint GENERATED ALWAYS AS IDENTITY, event_id uuid NOT NULL,
        source text NOT NULL, partition smallint NOT NULL, seq bigint NOT NULL, type text NOT NULL, ticket_id uuid, time timestamptz NOT NULL,
        envelope json NOT NULL, PRIMARY KEY (account_id, position), UNIQUE (account_id, event_id));
      ${tenant('event_log')}

      CREATE TABLE ticket_fact (
        account_id uuid NOT NULL, build int NOT NULL, ticket_id uuid NOT NULL, number bigint NOT NULL, channel text NOT NULL, assignee_id uuid,
        created_at timestamptz NOT NULL, started_at timestamptz, first_response_at timestamptz, answered_at timestamptz, closes int NOT NULL, version bigint NOT NULL,
        PRIMARY KEY (account_id, build, ticket_id)) WITH (fillfactor = 80);
      ${tenant('ticket_fact')}

      CREATE TABLE metric_value (
        account_id uuid NOT NULL, build int NOT NULL, metric text NOT NULL, at timestamptz NOT NULL, id uuid NOT NULL,
        ticket_id uuid NOT NULL, channel text NOT NULL, agent_id uuid, seconds double precision,
        PRIMARY KEY (account_id, build, metric, at, id));
      ${tenant('metric_value')}
    `);
  }

  async down(runner: QueryRunner) {
    await runner.query('DROP TABLE metric_value, ticket_fact, event_log, reported_account');
  }
}
