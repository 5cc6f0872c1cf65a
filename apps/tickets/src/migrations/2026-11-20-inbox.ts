import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['saved_view', 'bulk_job', 'bulk_item', 'search_document', 'search_language'];

/** Languages of messages and the stemmers of Postgres (ISO 639-1). Every other text is searched as it is written. */
const STEMMERS = {
  ar: 'arabic', ca: 'catalan', da: 'danish', de: 'german', el: 'greek', en: 'english', es: 'spanish', eu: 'basque', fi: 'finnish', fr: 'french', ga: 'irish', hi: 'hindi',
  hu: 'hungarian', hy: 'armenian', id: 'indonesian', it: 'italian', lt: 'lithuanian', ne: 'nepali', nl: 'dutch', no: 'norwegian', nb: 'norwegian', nn: 'norwegian', pt: 'portuguese',
  ro: 'romanian', ru: 'russian', sr: 'serbian', sv: 'swedish', ta: 'tamil', tr: 'turkish', yi: 'yiddish',
} as const;
const CONFIGURATIONS = [...new Set(Object.values(STEMMERS))];

/** Saved views, bulk actions and search (TKT-15, TKT-16, TKT-18). */
export class Inbox1763650300000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      CREATE TABLE saved_view (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, owner_id uuid NOT NULL, name text NOT NULL, shared boolean NOT NULL, filter jsonb NOT NULL, sort text NOT NULL,
        created_at timestamptz(3) NOT NULL, version bigint NOT NULL DEFAULT 1);
      CREATE INDEX saved_view_of ON saved_view (account_id, owner_id);

      -- by: on whose behalf. Counts are of items that are over.
      CREATE TABLE bulk_job (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, action jsonb NOT NULL, by_type text NOT NULL, by_id uuid, total bigint NOT NULL, done bigint NOT NULL DEFAULT 0, failed bigint NOT NULL DEFAULT 0,
        created_at timestamptz(3) NOT NULL, finished_at timestamptz(3));
      -- A locked item is being worked on; one without an outcome is still to do. Both end with the transaction, so that a crash leaves nothing half done.
      CREATE TABLE bulk_item (
        account_id uuid NOT NULL, job_id uuid NOT NULL REFERENCES bulk_job (id), ticket_id uuid NOT NULL, outcome text CHECK (outcome IN ('done', 'failed')), code text, reason text,
        PRIMARY KEY (job_id, ticket_id)) WITH (fillfactor = 80);
      CREATE INDEX bulk_item_open ON bulk_item (job_id, ticket_id) WHERE outcome IS NULL;
      CREATE INDEX bulk_item_failed ON bulk_item (job_id, ticket_id) WHERE outcome = 'failed';
      -- Which accounts have something to do: ids alone.
      CREATE TABLE bulk_work (job_id uuid PRIMARY KEY, account_id uuid NOT NULL);`);

    await runner.query('CREATE EXTENSION IF NOT EXISTS unaccent;');
    for (const name of ['simple', ...CONFIGURATIONS]) {
      await runner.query(`
        CREATE TEXT SEARCH CONFIGURATION parley_${name} (COPY = pg_catalog.${name});
        ALTER TEXT SEARCH CONFIGURATION parley_${name} ALTER MAPPING FOR word, hword, hword_part WITH unaccent, ${name === 'simple' ? 'simple' : `${name}_stem`};`);
    }
    await runner.query(`
      CREATE FUNCTION search_stemmer(language text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
        SELECT CASE lower(split_part(language, '-', 1)) ${Object.entries(STEMMERS).map(([code, name]) => `WHEN '${code}' THEN '${name}'`).join(' ')} ELSE 'simple' END $$;
      -- Words that no text can hold: of which account, in which language, and in which stretches of numbers, so that the newest are found without reading the others.
      CREATE FUNCTION search_words(account uuid, n bigint, stemmer text, content text) RETURNS tsvector LANGUAGE sql STABLE AS $$
        SELECT to_tsvector(('parley_' || stemmer)::regconfig, content)
          || array_to_tsvector(ARRAY['@' || account, '@in ' || stemmer, '@12 ' || (n >> 12), '@15 ' || (n >> 15), '@18 ' || (n >> 18), '@21 ' || (n >> 21), '@24 ' || (n >> 24)]) $$;
      CREATE FUNCTION app_search() RETURNS tsquery LANGUAGE sql STABLE AS $$
        SELECT ('''@' || nullif(current_setting('app.account_id', true), '') || '''')::tsquery && coalesce(nullif(current_setting('app.search', true), ''), '')::tsquery $$;
      CREATE SEQUENCE search_number;

      -- One row per message, note, subject and customer. Filled behind whoever writes: see search_work.
      CREATE TABLE search_document (
        account_id uuid NOT NULL, kind text NOT NULL CHECK (kind IN ('message', 'note', 'subject', 'customer')), subject_id uuid NOT NULL, n bigint NOT NULL, words tsvector NOT NULL,
        PRIMARY KEY (subject_id, kind));
      CREATE INDEX search_document_words ON search_document USING gin (words) WITH (gin_pending_list_limit = 1024);
      -- Which languages an account's documents are in, and the newest of each.
      CREATE TABLE search_language (account_id uuid NOT NULL, stemmer text NOT NULL, n bigint NOT NULL, PRIMARY KEY (account_id, stemmer)) WITH (fillfactor = 50);
      CREATE TABLE search_work (
        account_id uuid NOT NULL, n bigint NOT NULL GENERATED ALWAYS AS IDENTITY, kind text NOT NULL, subject_id uuid NOT NULL, PRIMARY KEY (account_id, n));`);

    for (const table of TABLES) await runner.query(tenant(table));
    // Row-level security keeps every condition behind the account, unless its operator is known to leak nothing; that of full text is not. So what is
    // searched for is a condition of the policy itself: then the index finds it. It names the account, and where nothing is searched for, nothing else.
    await runner.query(`CREATE POLICY searched ON search_document AS RESTRICTIVE FOR SELECT USING (words @@ app_search());`);
    // Whoever works through these must see for which accounts there is work, and acts for one account from there on.
    for (const table of ['search_work', 'bulk_work']) {
      await runner.query(`
        ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON ${table} USING (account_id = app_account() OR app_account() IS NULL) WITH CHECK (account_id = app_account());`);
    }

    await runner.query(`
      CREATE FUNCTION to_search() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO search_work (account_id, kind, subject_id) VALUES (NEW.account_id, TG_ARGV[0], NEW.id);
          RETURN NULL;
        END $$;
      -- What is gone is not found from the same moment on.
      CREATE FUNCTION from_search() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          DELETE FROM search_document WHERE subject_id = OLD.id AND kind = TG_ARGV[0];
          RETURN NULL;
        END $$;
      CREATE FUNCTION customer_to_search() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP <> 'INSERT' THEN
            DELETE FROM search_document WHERE subject_id = OLD.profile_id AND kind = 'customer';
          END IF;
          INSERT INTO search_work (account_id, kind, subject_id)
          SELECT DISTINCT a, 'customer', p FROM (VALUES (OLD.account_id, OLD.profile_id), (NEW.account_id, NEW.profile_id)) v (a, p) WHERE p IS NOT NULL;
          RETURN NULL;
        END $$;`);
    for (const [table, kind, column] of [['message', 'message', 'text'], ['note', 'note', 'text'], ['ticket', 'subject', 'subject'], ['profile', 'customer', 'name']] as const) {
      const changed = `AFTER UPDATE OF ${column} ON ${table} FOR EACH ROW WHEN (OLD.${column} IS DISTINCT FROM NEW.${column})`;
      await runner.query(`
        CREATE TRIGGER found_no_more AFTER DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION from_search('${kind}');
        CREATE TRIGGER found_otherwise ${changed} EXECUTE FUNCTION from_search('${kind}');
        CREATE TRIGGER to_search_again ${changed} EXECUTE FUNCTION to_search('${kind}');
        CREATE TRIGGER to_search AFTER INSERT ON ${table} FOR EACH ROW WHEN (NEW.${column} <> '') EXECUTE FUNCTION to_search('${kind}');`);
    }
    await runner.query(`
      CREATE TRIGGER to_search AFTER INSERT OR UPDATE OR DELETE ON profile_identifier FOR EACH ROW EXECUTE FUNCTION customer_to_search();
      ALTER TABLE customer_event ADD order_id text GENERATED ALWAYS AS (CASE WHEN jsonb_typeof(properties -> 'orderId') IN ('string', 'number') THEN properties ->> 'orderId' END) STORED;
      CREATE INDEX customer_event_order ON customer_event (order_id, account_id) WHERE order_id IS NOT NULL;`);
  }

  async down(runner: QueryRunner) {
    for (const table of ['message', 'note', 'ticket', 'profile']) {
      for (const trigger of ['found_no_more', 'found_otherwise', 'to_search_again', 'to_search']) await runner.query(`DROP TRIGGER ${trigger} ON ${table};`);
    }
    await runner.query(`
      DROP TRIGGER to_search ON profile_identifier;
      ALTER TABLE customer_event DROP COLUMN order_id;
      DROP TABLE search_work, search_language, search_document, bulk_work, bulk_item, bulk_job, saved_view;
      DROP FUNCTION customer_to_search(); DROP FUNCTION from_search(); DROP FUNCTION to_search(); DROP FUNCTION app_search();
      DROP FUNCTION search_words(uuid, bigint, text, text); DROP FUNCTION search_stemmer(text);
      DROP SEQUENCE search_number;`);
    for (const name of ['simple', ...CONFIGURATIONS]) await runner.query(`DROP TEXT SEARCH CONFIGURATION parley_${name};`);
    await runner.query('DROP EXTENSION unaccent;');
  }
}
