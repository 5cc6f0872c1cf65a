import { Injectable } from '@nestjs/common';
import type { ConsentKind } from '@parley/contracts/channels';
import type { ConsentState, Profile } from '@parley/contracts/profiles';
import type { ProfileMerge } from '@parley/contracts/profile-merges';
import { newId } from '@parley/service/ids';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';

/** Two profiles that became one; `gained` are names alone, what they name stands on the profile that was merged. */
export type MergeEntity = {
  id: string; fromId: string; intoId: string; gained: { fields: ('name' | 'locale' | 'timezone' | 'location')[]; properties: string[] };
  /** Tickets that receive nothing since then. */
  aside: string[];
  mergedBy: string | null; at: Date; undoneAt: Date | null;
};
export type NewMerge = Pick<MergeEntity, 'fromId' | 'intoId' | 'gained' | 'aside'>;
export type Consents = Profile['consents'];

/** What follows a profile; its tickets are moved one by one beside them. */
const FOLLOWING = ['profile_identifier', 'consent', 'held_message', 'customer_event', 'campaign_message', 'ticket'];

/** Two tickets that cannot both hold the thread of one person (TKT-2). */
const RIVALS = `a.account_id = b.account_id AND a.channel_id = b.channel_id AND a.channel_type = b.channel_type AND a.holds_thread AND b.holds_thread AND a.id <> b.id
  AND (a.channel_type IN ('sms', 'whatsapp') OR a.channel_type = 'instagram' AND a.status <> 'closed' AND b.status <> 'closed')`;

/** Knows who was found to be one customer, by SQL (PRO-7). */
@Injectable()
export class MergesRepository {
  async create(tx: Tx, { fromId, intoId, gained, aside }: NewMerge): Promise<MergeEntity> {
    const text = 'INSERT INTO profile_merge (id, account_id, from_id, into_id, gained, aside, merged_by, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING *';
    return (await rows<MergeEntity>(tx, text, [newId(), tx.by.account, fromId, intoId, gained, aside, tx.by.id, tx.at]))[0]!;
  }

  async find(tx: Tx, id: string, how: '' | 'FOR UPDATE' = ''): Promise<MergeEntity | undefined> {
    return (await rows<MergeEntity>(tx, `SELECT * FROM profile_merge WHERE id = $1 AND account_id = $2 ${how}`, [id, tx.by.account]))[0];
  }

  async undo(tx: Tx, id: string): Promise<void> {
    await tx.sql('UPDATE profile_merge SET undone_at = $3 WHERE id = $1 AND account_id = $2', [id, tx.by.account, tx.at]);
  }

  page(tx: Tx, intoId: string, before: readonly string[] | null, limit: number): Promise<MergeEntity[]> {
    return rows(
      tx,
      `SELECT * FROM profile_merge WHERE into_id = $2 AND account_id = $1 ${before ? 'AND (at, id) < ($3::timestamptz, $4::uuid)' : ''} ORDER BY at DESC, id DESC LIMIT ${limit}`,
      [tx.by.account, intoId, ...(before ?? [])],
    );
  }

  /** The profile and all that were merged into it before, directly or not. */
  async family(tx: Tx, id: string): Promise<string[]> {
    const found = await tx.sql<{ id: string }>(
      `WITH RECURSIVE family AS (SELECT $1::uuid AS id UNION SELECT p.id FROM family f JOIN profile_merge m ON m.into_id = f.id AND m.undone_at IS NULL JOIN profile p ON p.id = m.from_id AND p.account_id = $2)
       SELECT id FROM family`,
      [id, tx.by.account],
    );
    return found.map((row) => row.id);
  }

  /** Of two threads that one person cannot both have, the older one is set aside: it keeps its messages and receives no more. Answers whose. */
  async setAside(tx: Tx, fromId: string, intoId: string): Promise<string[]> {
    const aside = await tx.sql<{ id: string }>(
      `UPDATE ticket older SET split_from = pair.newer FROM (
         SELECT CASE WHEN (a.created_at, a.id) < (b.created_at, b.id) THEN a.id ELSE b.id END AS older, CASE WHEN (a.created_at, a.id) < (b.created_at, b.id) THEN b.id ELSE a.id END AS newer
         FROM ticket a JOIN ticket b ON ${RIVALS} WHERE a.profile_id = $2 AND b.profile_id = $3 AND a.account_id = $1) pair
       WHERE older.id = pair.older AND older.account_id = $1 RETURNING older.id`,
      [tx.by.account, fromId, intoId],
    );
    return aside.map(({ id }) => id);
  }

  /** Those that were set aside hold their threads again, where no other one does by now. */
  async putBack(tx: Tx, ids: string[]): Promise<void> {
    await tx.sql(
      `UPDATE ticket b SET split_from = NULL WHERE b.id = ANY ($2) AND b.account_id = $1 AND b.merged_into IS NULL AND NOT EXISTS (
         SELECT FROM ticket a WHERE a.profile_id = b.profile_id AND ${RIVALS.replace(' AND b.holds_thread', '')})`,
      [tx.by.account, ids],
    );
  }

  /** Everything of the one becomes the other's, and remembers whose it was. */
  async follow(tx: Tx, fromId: string, intoId: string): Promise<void> {
    for (const table of FOLLOWING) {
      await tx.sql(`UPDATE ${table} SET profile_id = $3, origin_id = coalesce(origin_id, $2) WHERE profile_id = $2 AND account_id = $1`, [tx.by.account, fromId, intoId]);
    }
  }

  /** What had followed goes back. */
  async comeBack(tx: Tx, fromId: string, intoId: string, family: string[]): Promise<void> {
    for (const table of FOLLOWING) {
      await tx.sql(
        `UPDATE ${table} SET profile_id = $2, origin_id = nullif(origin_id, $2) WHERE profile_id = $3 AND account_id = $1 AND origin_id = ANY ($4)`,
        [tx.by.account, fromId, intoId, family],
      );
    }
  }

  async giveTickets(tx: Tx, ids: string[], profileId: string): Promise<void> {
    await tx.sql('UPDATE ticket SET profile_id = $3 WHERE id = ANY ($2) AND account_id = $1', [tx.by.account, ids, profileId]);
  }

  /** The current state by kind, as the ledger has it (PRO-2). */
  async consents(tx: Tx, profileId: string): Promise<Consents> {
    const last = await tx.sql<{ kind: ConsentKind; state: ConsentState }>(
      'SELECT DISTINCT ON (kind) kind, state FROM consent WHERE profile_id = $2 AND account_id = $1 ORDER BY kind, at DESC, id DESC', [tx.by.account, profileId],
    );
    return Object.fromEntries(last.map(({ kind, state }) => [kind, state]));
  }

  /** Kinds that were revoked since then. */
  async revokedSince(tx: Tx, profileId: string, at: Date): Promise<ConsentKind[]> {
    const found = await tx.sql<{ kind: ConsentKind }>(
      `SELECT DISTINCT kind FROM consent WHERE profile_id = $2 AND account_id = $1 AND state = 'revoked' AND at >= $3`, [tx.by.account, profileId, at],
    );
    return found.map(({ kind }) => kind);
  }
}

export const toMerge = ({ id, fromId, intoId, mergedBy, at, undoneAt }: MergeEntity): ProfileMerge => ({
  id, fromId, intoId, mergedBy, at: at.toISOString(), undoneAt: undoneAt?.toISOString() ?? null,
});
