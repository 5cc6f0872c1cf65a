import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The `access` database. Tables of an account obey row-level security. Six do not, because they are asked before any account is known; they hold
 * ids, hashes, roles and counters, and of a person only the address they sign in with:
 * person and person_account (sign-in names no account), session and refresh_token (every request, refresh), api_key_lookup (every request), attempt (sign-in).
 */
export class Access1763600100000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      CREATE TABLE person (
        id uuid PRIMARY KEY, email text NOT NULL UNIQUE, password_hash text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
      CREATE TABLE person_account (
        person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE, account_id uuid NOT NULL, PRIMARY KEY (person_id, account_id));
      CREATE TABLE session (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE, role text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz NOT NULL, ended_at timestamptz);
      CREATE INDEX session_of_person ON session (person_id, account_id) WHERE ended_at IS NULL;
      CREATE INDEX session_age ON session (expires_at);
      CREATE TABLE refresh_token (
        hash bytea PRIMARY KEY, session_id uuid NOT NULL REFERENCES session ON DELETE CASCADE, account_id uuid NOT NULL, used_at timestamptz);
      CREATE INDEX refresh_token_session ON refresh_token (session_id);
      CREATE TABLE api_key_lookup (hash bytea PRIMARY KEY, account_id uuid NOT NULL, api_key_id uuid NOT NULL, scopes text[] NOT NULL);
      CREATE TABLE attempt (bucket text PRIMARY KEY, count int NOT NULL, until timestamptz NOT NULL);

      CREATE TABLE account (
        account_id uuid PRIMARY KEY, name text NOT NULL, mode text NOT NULL CHECK (mode IN ('live', 'test')), timezone text NOT NULL, locale text NOT NULL,
        organisation_prefix text, sender_email text, logo_url text, brand_color text, accent_color text, privacy_url text, terms_url text,
        created_at timestamptz NOT NULL, version bigint NOT NULL);
      CREATE TABLE member (
        account_id uuid NOT NULL REFERENCES account, id uuid NOT NULL REFERENCES person, email text NOT NULL, name text NOT NULL,
        role text NOT NULL CHECK (role IN ('owner', 'admin', 'manager', 'support', 'analyst')), availability text NOT NULL CHECK (availability IN ('online', 'offline')),
        active boolean NOT NULL, created_at timestamptz NOT NULL, version bigint NOT NULL, PRIMARY KEY (account_id, id));
      CREATE TABLE api_key (
        account_id uuid NOT NULL REFERENCES account, id uuid NOT NULL, name text NOT NULL, prefix text NOT NULL, hash bytea NOT NULL UNIQUE, scopes text[] NOT NULL,
        created_at timestamptz NOT NULL, last_used_at timestamptz, revoked_at timestamptz, PRIMARY KEY (account_id, id));
      CREATE TABLE audit_entry (
        account_id uuid NOT NULL, id uuid NOT NULL, at timestamptz NOT NULL, actor_type text NOT NULL, actor_id text, action text NOT NULL, resource text NOT NULL,
        before jsonb, after jsonb, address text, PRIMARY KEY (account_id, id));
      CREATE TABLE idempotency (
        account_id uuid NOT NULL, principal_id uuid NOT NULL, key text NOT NULL, request_hash bytea NOT NULL, command_id uuid NOT NULL,
        state text NOT NULL CHECK (state IN ('running', 'done')), lease_until timestamptz NOT NULL, status int, body json, expires_at timestamptz NOT NULL,
        PRIMARY KEY (account_id, principal_id, key));
      CREATE INDEX idempotency_age ON idempotency (account_id, expires_at);
      ${['account', 'member', 'api_key', 'audit_entry', 'idempotency'].map((table) => tenant(table)).join('\n')}

      CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'audit entries are only added'; END $$;
      CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
    `);
  }

  async down(runner: QueryRunner) {
    await runner.query(`
      DROP TABLE idempotency, audit_entry, api_key, member, account, attempt, api_key_lookup, refresh_token, session, person_account, person;
      DROP FUNCTION audit_is_append_only();
    `);
  }
}
