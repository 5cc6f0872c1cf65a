import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MailDoors1763665100000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      -- What a provider's webhook gives with each mail and never again: random, says nothing of anybody, and is forgotten after a day.
      CREATE TABLE mail_once (account_id uuid NOT NULL, channel_id uuid NOT NULL, mark text NOT NULL, seen_at timestamptz NOT NULL, PRIMARY KEY (account_id, channel_id, mark));
      ${tenant('mail_once')}

      -- How far a mailbox has been read over IMAP (MAIL-1): everything since it was connected, up to uid. Without row-level security: readers look across
      -- accounts for mailboxes that nobody reads. source is a hash; ids and numbers beside it, nothing else.
      CREATE TABLE imap_cursor (
        channel_id uuid PRIMARY KEY, account_id uuid NOT NULL, source text NOT NULL, since timestamptz NOT NULL, uid_validity bigint, uid bigint NOT NULL DEFAULT 0,
        lease uuid, lease_until timestamptz, next_at timestamptz NOT NULL DEFAULT now());`);
  }

  async down(runner: QueryRunner) {
    await runner.query('DROP TABLE mail_once, imap_cursor');
  }
}
