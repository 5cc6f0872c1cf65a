import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Short links in texts (SMS-4), and when providers' books were last looked into. */
export class Links1763664000000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      CREATE TABLE short_link (
        account_id uuid NOT NULL, code text NOT NULL, message_id uuid NOT NULL, channel_id uuid NOT NULL, ticket_id uuid, profile_id uuid NOT NULL,
        url text NOT NULL, expire_at timestamptz NOT NULL, visits int NOT NULL DEFAULT 0, PRIMARY KEY (account_id, code), UNIQUE (account_id, message_id, url));
      ${tenant('short_link')}
      -- Without row-level security: a code tells the account before anything else is known. Holds the random code and the account, nothing else.
      CREATE TABLE short_link_key (code text PRIMARY KEY, account_id uuid NOT NULL);
      -- Without row-level security: whoever looks for missed messages serves all accounts. Ids and times, no content. since: what came before it is known.
      CREATE TABLE provider_round (channel_id uuid PRIMARY KEY, account_id uuid NOT NULL, next_at timestamptz NOT NULL, since timestamptz NOT NULL);
      CREATE INDEX provider_round_due ON provider_round (next_at);`);
  }

  async down(runner: QueryRunner) {
    await runner.query('DROP TABLE provider_round, short_link_key, short_link');
  }
}
