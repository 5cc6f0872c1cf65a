import { tenant } from '@parley/service/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What messages hold and become since channels tell more than words (META-2, META-4, MAIL-5). */
export class Thread1763663000000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      ALTER TABLE message ADD details jsonb NOT NULL DEFAULT '[]', ADD in_reply_to uuid, ADD new_text text, ADD reactions jsonb NOT NULL DEFAULT '[]',
        ADD edited_at timestamptz(3), ADD deleted_at timestamptz(3);

      -- Files that come later, or go with what they stood in.
      CREATE FUNCTION forget_files_of_message() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          DELETE FROM attachment WHERE message_id = NEW.id AND account_id = NEW.account_id AND NOT NEW.attachments @> jsonb_build_array(jsonb_build_object('id', id));
          RETURN NULL;
        END $$;
      CREATE TRIGGER forget_files AFTER UPDATE OF attachments ON message FOR EACH ROW WHEN (OLD.attachments IS DISTINCT FROM NEW.attachments) EXECUTE FUNCTION forget_files_of_message();
      CREATE TRIGGER keep_files_later AFTER UPDATE OF attachments ON message FOR EACH ROW WHEN (OLD.attachments IS DISTINCT FROM NEW.attachments AND NEW.attachments <> '[]'::jsonb)
        EXECUTE FUNCTION keep_files_of_message();

      -- What the brand wrote elsewhere while no ticket was open is held like a keyword: for the timeline.
      ALTER TABLE held_message DROP CONSTRAINT held_message_why_check, ADD CONSTRAINT held_message_why_check CHECK (why IN ('keyword', 'blocked', 'automatic', 'echo'));

      -- Amendments that have overtaken their message.
      CREATE TABLE amendment (
        account_id uuid NOT NULL, message_id uuid NOT NULL, n bigint NOT NULL GENERATED ALWAYS AS IDENTITY, amendment jsonb NOT NULL, at timestamptz(3) NOT NULL,
        PRIMARY KEY (message_id, n));
      CREATE INDEX amendment_age ON amendment (at);
      ${tenant('amendment')}`);
  }

  async down(runner: QueryRunner) {
    await runner.query(`
      DROP TABLE amendment;
      DELETE FROM held_message WHERE why = 'echo';
      ALTER TABLE held_message DROP CONSTRAINT held_message_why_check, ADD CONSTRAINT held_message_why_check CHECK (why IN ('keyword', 'blocked', 'automatic'));
      DROP TRIGGER keep_files_later ON message; DROP TRIGGER forget_files ON message; DROP FUNCTION forget_files_of_message();
      ALTER TABLE message DROP COLUMN details, DROP COLUMN in_reply_to, DROP COLUMN new_text, DROP COLUMN reactions, DROP COLUMN edited_at, DROP COLUMN deleted_at;`);
  }
}
