import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TENANTS = ['channel_health', 'quarantine', 'chat_answer'];

/** How channels are, and what they could not understand. */
export class Care1763667000000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      -- One per channel, written every few seconds at most. state: as it was last announced. Troubles stand until the next success in their direction.
      CREATE TABLE channel_health (
        channel_id uuid PRIMARY KEY, account_id uuid NOT NULL, state text NOT NULL, since timestamptz NOT NULL,
        inbound_at timestamptz, outbound_at timestamptz, inbound_trouble jsonb, outbound_trouble jsonb, last_error jsonb) WITH (fillfactor = 50);

      -- What somebody should look at: pieces of a delivery that could not be read, mails that could not be parsed, messages that tickets put aside.
      -- id: of the item or message in the books; raw_id: the bytes, kept for 30 days. settled: landed, or dismissed by a person.
      CREATE TABLE quarantine (
        id uuid PRIMARY KEY, account_id uuid NOT NULL, channel_id uuid NOT NULL, kind text NOT NULL CHECK (kind IN ('piece', 'mail', 'message', 'blocked')),
        raw_id uuid, reason text, at timestamptz NOT NULL, state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'retrying', 'settled')),
        attempts int NOT NULL DEFAULT 0, tried_at timestamptz, resolution text CHECK (resolution IN ('landed', 'dismissed')));
      CREATE INDEX quarantine_waiting ON quarantine (channel_id, at, id) WHERE state <> 'settled';
      CREATE INDEX quarantine_of_bytes ON quarantine (raw_id) WHERE raw_id IS NOT NULL;

      -- Answers in chats, for the books: no provider delivers them, and the thread of a closed chat is gone. Ids and numbers.
      CREATE TABLE chat_answer (id uuid PRIMARY KEY, account_id uuid NOT NULL, channel_id uuid NOT NULL, session_id uuid NOT NULL, seq bigint NOT NULL, at timestamptz NOT NULL);
      CREATE INDEX chat_answer_by_day ON chat_answer (channel_id, at);
      CREATE INDEX parked_status_by_day ON parked_status (channel_id, parked_at);
      ${TENANTS.map((table) => tenant(table)).join('')}`);
  }

  async down(runner: QueryRunner) {
    await runner.query(`DROP INDEX parked_status_by_day; DROP TABLE ${TENANTS.join(', ')}`);
  }
}
