import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['team', 'team_member', 'routing_rule', 'desk_state', 'turn', 'ticket_history', 'decision', 'spam_sample', 'spam_token', 'ticket_merge'];
/** What the desk decides by: whoever keeps a copy sees by the version whether it still holds. */
const CONFIGURING = ['team', 'team_member', 'routing_rule', 'setting'];

/** Who gets which ticket, what is spam, why it was decided so, and which tickets were one or two (RTE, TKT-20 to TKT-23). */
export class Assignment1763650400000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      ALTER TABLE agent ADD available boolean NOT NULL DEFAULT false;
      ALTER TABLE message ADD language text;
      -- Since when it waits for somebody to be free (RTE-5).
      ALTER TABLE ticket ADD queued_at timestamptz(3);
      CREATE INDEX ticket_queue ON ticket (account_id, queued_at, id) WHERE queued_at IS NOT NULL;
      -- TKT-22: redirects, and where messages to a merged-away thread belong.
      CREATE INDEX ticket_merged_into ON ticket (merged_into) WHERE merged_into IS NOT NULL;
      CREATE INDEX ticket_merged_thread ON ticket (email_thread_key) WHERE merged_into IS NOT NULL;
      CREATE INDEX ticket_merged_chat ON ticket (chat_session_id) WHERE merged_into IS NOT NULL;`);

    await runner.query(`
      CREATE TABLE team (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, name text NOT NULL, office_hours jsonb, created_at timestamptz(3) NOT NULL,
        version bigint NOT NULL DEFAULT 1, UNIQUE (account_id, name));
      CREATE TABLE team_member (
        account_id uuid NOT NULL, team_id uuid NOT NULL REFERENCES team (id) ON DELETE CASCADE, agent_id uuid NOT NULL, PRIMARY KEY (team_id, agent_id));
      CREATE TABLE routing_rule (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, position int NOT NULL, name text NOT NULL, enabled boolean NOT NULL, on_reopened boolean NOT NULL,
        conditions jsonb NOT NULL, actions jsonb NOT NULL, created_at timestamptz(3) NOT NULL, version bigint NOT NULL DEFAULT 1);
      CREATE INDEX routing_rule_in_order ON routing_rule (account_id, position, id);
      -- One row per account that has configured anything: the version of what it decides by, and the lock and count of handing out (RTE-3).
      CREATE TABLE desk_state (
        account_id uuid PRIMARY KEY, version bigint NOT NULL DEFAULT 1, turn bigint NOT NULL DEFAULT 0, spam int NOT NULL DEFAULT 0, ham int NOT NULL DEFAULT 0) WITH (fillfactor = 50);
      -- When somebody was last given a ticket of a team (of no team: the nil id): counted, not timed.
      CREATE TABLE turn (
        account_id uuid NOT NULL, team_id uuid NOT NULL, agent_id uuid NOT NULL, turn bigint NOT NULL, PRIMARY KEY (account_id, team_id, agent_id)) WITH (fillfactor = 50);
      CREATE SEQUENCE hand_out;
      CREATE FUNCTION configured() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO desk_state AS d (account_id) VALUES (coalesce(NEW.account_id, OLD.account_id)) ON CONFLICT (account_id) DO UPDATE SET version = d.version + 1;
          RETURN NULL;
        END $$;`);
    for (const table of CONFIGURING) await runner.query(`CREATE TRIGGER configured AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION configured();`);

    await runner.query(`
      -- What happened to tickets, without content; messages and notes tell of themselves.
      CREATE TABLE ticket_history (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, ticket_id uuid NOT NULL REFERENCES ticket (id), at timestamptz(3) NOT NULL, type text NOT NULL,
        actor_type text NOT NULL, actor_id text, changes jsonb);
      CREATE INDEX ticket_history_of ON ticket_history (ticket_id, at, id);
      CREATE TABLE decision (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, ticket_id uuid NOT NULL REFERENCES ticket (id), at timestamptz(3) NOT NULL, kind text NOT NULL,
        rule text NOT NULL, rule_version bigint NOT NULL, inputs jsonb NOT NULL, outcome jsonb NOT NULL);
      CREATE INDEX decision_of ON decision (ticket_id, at, id);
      -- What people said of tickets, and how often a word stood in which: words are kept as numbers only, so that they tell nothing of anybody.
      CREATE TABLE spam_sample (
        account_id uuid NOT NULL, ticket_id uuid NOT NULL REFERENCES ticket (id), spam boolean NOT NULL, tokens bigint[] NOT NULL, decided_by text,
        at timestamptz(3) NOT NULL, PRIMARY KEY (ticket_id));
      CREATE TABLE spam_token (account_id uuid NOT NULL, token bigint NOT NULL, spam int NOT NULL, ham int NOT NULL, PRIMARY KEY (account_id, token));
      CREATE TABLE ticket_merge (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, kind text NOT NULL CHECK (kind IN ('merge', 'split')), from_id uuid NOT NULL REFERENCES ticket (id),
        into_id uuid NOT NULL REFERENCES ticket (id), moved jsonb NOT NULL, restore jsonb NOT NULL, by uuid, at timestamptz(3) NOT NULL, undone_at timestamptz(3));
      CREATE INDEX ticket_merge_from ON ticket_merge (from_id);
      CREATE INDEX ticket_merge_into ON ticket_merge (into_id);`);
    for (const table of TABLES) await runner.query(tenant(table));
  }

  async down(runner: QueryRunner) {
    for (const table of CONFIGURING) await runner.query(`DROP TRIGGER configured ON ${table};`);
    await runner.query(`
      DROP TABLE ticket_merge, spam_token, spam_sample, decision, ticket_history, turn, desk_state, routing_rule, team_member, team;
      DROP SEQUENCE hand_out;
      DROP FUNCTION configured();
      DROP INDEX ticket_queue, ticket_merged_into, ticket_merged_thread, ticket_merged_chat;
      ALTER TABLE ticket DROP COLUMN queued_at;
      ALTER TABLE message DROP COLUMN language;
      ALTER TABLE agent DROP COLUMN available;`);
  }
}
