import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['customer_event', 'event_filter', 'campaign_message', 'profile_merge', 'segment', 'segment_member'];
/** What follows a profile into another one when the two are merged (PRO-7), and comes back by `origin_id`. */
const FOLLOWING = ['profile_identifier', 'consent', 'ticket', 'held_message', 'customer_event', 'campaign_message'];

/** What customers did, what they were sent, who of them are one person, and which segments they are in (PRO-3, PRO-7, PRO-8, SMS-5). */
export class Customers1763650100000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`ALTER TABLE profile ADD properties jsonb NOT NULL DEFAULT '{}', ADD location jsonb, ADD merged_into uuid;`);

    await runner.query(`
      CREATE TABLE customer_event (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, profile_id uuid NOT NULL, metric text NOT NULL,
        at timestamptz(3) NOT NULL, properties jsonb NOT NULL, unique_id text, recorded_at timestamptz(3) NOT NULL, UNIQUE (unique_id, account_id),
        FOREIGN KEY (account_id, profile_id) REFERENCES profile (account_id, id),
        -- Of orders: what a sum or a mean is made of.
        amount numeric GENERATED ALWAYS AS (CASE WHEN jsonb_typeof(properties -> 'value') = 'number' THEN (properties -> 'value')::numeric END) STORED,
        currency text GENERATED ALWAYS AS (CASE WHEN jsonb_typeof(properties -> 'currency') = 'string' THEN properties ->> 'currency' END) STORED);
      CREATE INDEX customer_event_of ON customer_event (profile_id, at, id);
      CREATE INDEX customer_event_metric ON customer_event (profile_id, metric, at, id);
      CREATE INDEX order_value ON customer_event (currency, account_id, at) INCLUDE (amount) WHERE metric = 'Placed Order' AND amount IS NOT NULL;
      CREATE TABLE event_filter (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, name text NOT NULL, metrics text[] NOT NULL, created_at timestamptz(3) NOT NULL,
        version bigint NOT NULL DEFAULT 1, UNIQUE (name, account_id));
      -- What a campaign or a flow sent, and which message of the customer answered it first (SMS-5).
      CREATE TABLE campaign_message (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, profile_id uuid NOT NULL, channel_id uuid NOT NULL, channel_type text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('campaign', 'flow')), source_id text NOT NULL, source_name text, text text NOT NULL,
        sent_at timestamptz(3) NOT NULL, unique_id text, ticket_id uuid, answered_by uuid, UNIQUE (unique_id, account_id),
        FOREIGN KEY (account_id, profile_id) REFERENCES profile (account_id, id));
      CREATE INDEX campaign_message_of ON campaign_message (profile_id, sent_at, id);`);

    await runner.query(`
      CREATE TABLE profile_merge (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, from_id uuid NOT NULL, into_id uuid NOT NULL,
        gained jsonb NOT NULL, aside uuid[] NOT NULL, merged_by uuid, at timestamptz(3) NOT NULL, undone_at timestamptz(3),
        FOREIGN KEY (account_id, from_id) REFERENCES profile (account_id, id), FOREIGN KEY (account_id, into_id) REFERENCES profile (account_id, id));
      CREATE INDEX profile_merge_of ON profile_merge (into_id, at, id);
      CREATE UNIQUE INDEX profile_merge_standing ON profile_merge (from_id) WHERE undone_at IS NULL;`);
    // The lock makes whoever writes for a profile that is just being merged wait, and then follow it.
    await runner.query(`
      CREATE FUNCTION follow_merge() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE target uuid;
        BEGIN
          LOOP
            SELECT p.merged_into INTO target FROM profile p WHERE p.id = NEW.profile_id AND p.account_id = NEW.account_id FOR KEY SHARE;
            EXIT WHEN target IS NULL;
            NEW.origin_id := coalesce(NEW.origin_id, NEW.profile_id);
            NEW.profile_id := target;
          END LOOP;
          RETURN NEW;
        END $$;`);
    for (const table of FOLLOWING) {
      await runner.query(`
        ALTER TABLE ${table} ADD origin_id uuid;
        CREATE TRIGGER follow_merge BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION follow_merge();`);
    }

    await runner.query(`
      CREATE TABLE segment (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, name text NOT NULL, condition jsonb NOT NULL, computed_at timestamptz(3),
        created_at timestamptz(3) NOT NULL, version bigint NOT NULL DEFAULT 1, UNIQUE (name, account_id));
      CREATE TABLE segment_member (
        account_id uuid NOT NULL, segment_id uuid NOT NULL REFERENCES segment (id) ON DELETE CASCADE, profile_id uuid NOT NULL,
        since timestamptz(3) NOT NULL, PRIMARY KEY (segment_id, profile_id),
        FOREIGN KEY (account_id, profile_id) REFERENCES profile (account_id, id));
      CREATE INDEX segment_member_of ON segment_member (profile_id);
      -- What membership is still to be computed of: a profile that has changed, or a segment from a profile onwards.
      CREATE TABLE segment_work (
        account_id uuid NOT NULL, kind text NOT NULL CHECK (kind IN ('profile', 'segment')), subject uuid NOT NULL, after uuid,
        due_at timestamptz NOT NULL, PRIMARY KEY (subject, kind, account_id));
      CREATE INDEX segment_work_due ON segment_work (due_at, account_id);
      CREATE FUNCTION profile_to_segments() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO segment_work (account_id, kind, subject, due_at)
          SELECT NEW.account_id, 'profile', NEW.id, now() WHERE EXISTS (SELECT FROM segment s WHERE s.account_id = NEW.account_id)
          ON CONFLICT (subject, kind, account_id) DO UPDATE SET due_at = excluded.due_at;
          RETURN NULL;
        END $$;
      CREATE TRIGGER to_segments AFTER INSERT OR UPDATE ON profile FOR EACH ROW EXECUTE FUNCTION profile_to_segments();
      CREATE FUNCTION events_to_segments() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO segment_work (account_id, kind, subject, due_at)
          SELECT DISTINCT ON (r.profile_id) r.account_id, 'profile', r.profile_id, now() FROM changed r
          WHERE EXISTS (SELECT FROM segment s WHERE s.account_id = r.account_id) ORDER BY r.profile_id
          ON CONFLICT (subject, kind, account_id) DO UPDATE SET due_at = excluded.due_at;
          RETURN NULL;
        END $$;
      CREATE TRIGGER to_segments AFTER INSERT ON customer_event REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION events_to_segments();`);

    for (const table of TABLES) await runner.query(tenant(table));
    // Ids alone; whoever works through it must see for which accounts there is work, and acts for one account from there on.
    await runner.query(`
      ALTER TABLE segment_work ENABLE ROW LEVEL SECURITY;
      ALTER TABLE segment_work FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON segment_work USING (account_id = app_account() OR app_account() IS NULL) WITH CHECK (account_id = app_account());`);
  }

  async down(runner: QueryRunner) {
    for (const table of FOLLOWING) await runner.query(`DROP TRIGGER follow_merge ON ${table}; ALTER TABLE ${table} DROP COLUMN origin_id;`);
    await runner.query(`
      DROP TRIGGER to_segments ON profile;
      DROP TABLE segment_work, segment_member, segment, profile_merge, campaign_message, event_filter, customer_event;
      DROP FUNCTION events_to_segments(); DROP FUNCTION profile_to_segments(); DROP FUNCTION follow_merge();
      ALTER TABLE profile DROP COLUMN properties, DROP COLUMN location, DROP COLUMN merged_into;`);
  }
}
