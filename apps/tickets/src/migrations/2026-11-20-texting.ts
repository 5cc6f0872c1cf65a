import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What customers are told by itself by text (SMS-2, SMS-3). */
export class Texting1763664000000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      -- When the auto-responder last answered somebody.
      CREATE TABLE auto_response (account_id uuid NOT NULL, profile_id uuid NOT NULL, at timestamptz(3) NOT NULL, PRIMARY KEY (account_id, profile_id));
      ${tenant('auto_response')}
      -- Answers to keywords stand where campaign messages stand.
      ALTER TABLE campaign_message DROP CONSTRAINT campaign_message_kind_check, ADD CONSTRAINT campaign_message_kind_check CHECK (kind IN ('campaign', 'flow', 'automation'));`);
  }

  async down(runner: QueryRunner) {
    await runner.query(`
      DELETE FROM campaign_message WHERE kind = 'automation';
      ALTER TABLE campaign_message DROP CONSTRAINT campaign_message_kind_check, ADD CONSTRAINT campaign_message_kind_check CHECK (kind IN ('campaign', 'flow'));
      DROP TABLE auto_response;`);
  }
}
