import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenant } from '@parley/service/database';

/** E-mail to staff (NTF-1, TKT-12): who works here, what they are to be told of, and mails of other kinds than follow-ups. */
export class StaffMail1795132861000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      -- news: of tickets and messages. about_id: the ticket, message or note that a mail to staff tells of; one mail each and recipient.
      ALTER TABLE mail ADD kind text NOT NULL DEFAULT 'follow_up' CHECK (kind IN ('follow_up', 'news', 'mention')), ADD about_id uuid, ALTER session_id DROP NOT NULL;
      CREATE UNIQUE INDEX mail_about ON mail (account_id, about_id, recipient) WHERE about_id IS NOT NULL;
      CREATE INDEX mail_of_ticket ON mail (account_id, ticket_id);

      -- Who works here, as access told it.
      CREATE TABLE colleague (
        account_id uuid NOT NULL, id uuid NOT NULL, email text NOT NULL, name text NOT NULL, active boolean NOT NULL, version bigint NOT NULL, PRIMARY KEY (account_id, id));
      CREATE INDEX colleague_address ON colleague (account_id, lower(email));
      ${tenant('colleague')}

      -- Settings of the area notifications, as tickets told them; no row: their defaults.
      CREATE TABLE staff_mail_settings (account_id uuid PRIMARY KEY, "values" jsonb NOT NULL, version bigint NOT NULL);
      ${tenant('staff_mail_settings')}
    `);
  }

  async down(runner: QueryRunner) {
    await runner.query(`
      DROP TABLE staff_mail_settings, colleague;
      DELETE FROM mail WHERE kind <> 'follow_up';
      DROP INDEX mail_of_ticket, mail_about;
      ALTER TABLE mail DROP COLUMN kind, DROP COLUMN about_id, ALTER session_id SET NOT NULL;
    `);
  }
}
