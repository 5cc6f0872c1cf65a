import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * ACC-6: audit entries are kept for 400 days. The anchor is the newest entry that was forgotten: what is left is checked from there on, and
 * nothing behind it can be taken away.
 */
export class AuditRetention1763661000000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query(`
      ALTER TABLE audit_head ADD anchor_place bigint NOT NULL DEFAULT 0, ADD anchor_hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex');
      DROP TRIGGER audit_is_append_only ON audit_entry;
      CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
      CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF coalesce(OLD.place, 1) > coalesce((SELECT anchor_place FROM audit_head WHERE account_id = OLD.account_id), 0) THEN
          RAISE EXCEPTION 'audit entries are only added';
        END IF;
        RETURN OLD;
      END $$;
      CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_is_kept();
    `);
  }

  async down(runner: QueryRunner) {
    await runner.query(`
      DROP TRIGGER audit_is_kept ON audit_entry;
      DROP FUNCTION audit_is_kept();
      DROP TRIGGER audit_is_append_only ON audit_entry;
      CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
      ALTER TABLE audit_head DROP COLUMN anchor_place, DROP COLUMN anchor_hash;
    `);
  }
}
