import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a web chat says by itself: questions with answers, office hours. */
export class ChatSetup1763666000000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      CREATE TABLE chat_setup (
        account_id uuid NOT NULL, channel_id uuid NOT NULL, part text NOT NULL CHECK (part IN ('faqs', 'hours')), value jsonb, version bigint NOT NULL DEFAULT 1,
        PRIMARY KEY (account_id, channel_id, part));

      -- Which answers a visitor has read; told: a message of theirs has shown it to staff.
      CREATE TABLE chat_faq_read (
        account_id uuid NOT NULL, session_id uuid NOT NULL, faq_id uuid NOT NULL, question text NOT NULL, read_at timestamptz NOT NULL, told boolean NOT NULL DEFAULT false,
        PRIMARY KEY (account_id, session_id, faq_id));

      ALTER TABLE chat_session ADD locale text;
      ALTER TABLE chat_sent ADD details jsonb NOT NULL DEFAULT '[]';
      ${tenant('chat_setup')}${tenant('chat_faq_read')}`);
  }

  async down(runner: QueryRunner) {
    await runner.query('ALTER TABLE chat_sent DROP COLUMN details; ALTER TABLE chat_session DROP COLUMN locale; DROP TABLE chat_faq_read, chat_setup;');
  }
}
