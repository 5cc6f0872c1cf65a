import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TENANTS = ['mail_sender', 'mail_confirmation'];

export class MailSetup1763665200000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      -- Addresses that answers may leave from. code: a MAC of the last one that was mailed.
      CREATE TABLE mail_sender (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, channel_id uuid NOT NULL, address text NOT NULL, code text NOT NULL, tries int NOT NULL,
        asked_at timestamptz NOT NULL, verified_at timestamptz, UNIQUE (channel_id, address));
      -- Whoever answers from their address already goes on: the owner of the tables sees all of them only while row-level security is not forced.
      ALTER TABLE channel NO FORCE ROW LEVEL SECURITY;
      INSERT INTO mail_sender (id, account_id, channel_id, address, code, tries, asked_at, verified_at)
        SELECT gen_random_uuid(), account_id, id, lower(address), '', 0, created_at, created_at FROM channel WHERE type = 'email' AND address IS NOT NULL AND removed_at IS NULL;
      ALTER TABLE channel FORCE ROW LEVEL SECURITY;

      -- What mail servers ask before they forward to us. Names nobody but them.
      CREATE TABLE mail_confirmation (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, channel_id uuid NOT NULL, author text NOT NULL, subject text, code text, link text, received_at timestamptz NOT NULL);
      CREATE INDEX mail_confirmation_by_time ON mail_confirmation (channel_id, received_at);

      -- The address of the brand that the customer wrote to last, and how often machines had answered each other before.
      ALTER TABLE mail_thread ADD written_to text, ADD hops int NOT NULL DEFAULT 0;
      CREATE INDEX delivery_by_itself ON delivery (account_id, (recipient ->> 'value'), created_at) WHERE NOT by_person;
      ${TENANTS.map((table) => tenant(table)).join('')}`);
  }

  async down(runner: QueryRunner) {
    await runner.query(`DROP TABLE ${TENANTS.join(', ')}; DROP INDEX delivery_by_itself; ALTER TABLE mail_thread DROP written_to, DROP hops`);
  }
}
