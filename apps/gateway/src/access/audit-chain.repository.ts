import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';

/** A place in the chain of an account, and the hash of the entry there; 0: before the first one. */
export type Place = { place: number; hash: Buffer };
/** Where the chain ends, and where what is kept of it begins: behind the anchor. */
export type Ends = { head: Place; anchor: Place };

/** The ends of an account's audit chain. */
@Injectable()
export class AuditChainRepository {
  async ends(tx: Tx): Promise<Ends | null> {
    const [row] = await tx.sql<Row>('SELECT * FROM audit_head WHERE account_id = $1', [tx.by.account]);
    return row ? endsOf(row) : null;
  }

  /** Nobody else adds or forgets an entry until the transaction ends. `first`: where a chain begins. */
  async lock(tx: Tx, first: Buffer): Promise<Ends> {
    await tx.sql('INSERT INTO audit_head (account_id, place, hash) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING', [tx.by.account, first]);
    const [row] = await tx.sql<Row>('SELECT * FROM audit_head WHERE account_id = $1 FOR UPDATE', [tx.by.account]);
    return endsOf(row!);
  }

  async grow(tx: Tx, { place, hash }: Place) {
    await tx.sql('UPDATE audit_head SET place = $2, hash = $3 WHERE account_id = $1', [tx.by.account, place, hash]);
  }

  /** The last entry before the first one that is younger than this; null where the first of all is. */
  async lastBefore(tx: Tx, at: Date, { anchor, head }: Ends): Promise<Place | null> {
    const [young] = await tx.sql<{ place: number | null }>('SELECT min(place) AS place FROM audit_entry WHERE account_id = $1 AND at > $2', [tx.by.account, at]);
    const last = (young!.place ?? head.place + 1) - 1;
    if (last <= anchor.place) return null;
    const [row] = await tx.sql<Place>('SELECT place, hash FROM audit_entry WHERE account_id = $1 AND place = $2', [tx.by.account, last]);
    return row!;
  }

  /** What is kept begins behind this entry from now on. */
  async forgetUpTo(tx: Tx, { place, hash }: Place) {
    await tx.sql('UPDATE audit_head SET anchor_place = $2, anchor_hash = $3 WHERE account_id = $1', [tx.by.account, place, hash]);
    await tx.sql('DELETE FROM audit_entry WHERE account_id = $1 AND place <= $2', [tx.by.account, place]);
  }

  /** When the oldest one was written that is kept. */
  async oldest(tx: Tx): Promise<{ place: number; at: Date } | null> {
    const [row] = await tx.sql<{ place: number; at: Date }>('SELECT place, at FROM audit_entry WHERE account_id = $1 AND place IS NOT NULL ORDER BY place LIMIT 1', [tx.by.account]);
    return row ?? null;
  }
}

type Row = { place: number; hash: Buffer; anchor_place: number; anchor_hash: Buffer };
const endsOf = (row: Row): Ends => ({ head: { place: row.place, hash: row.hash }, anchor: { place: row.anchor_place, hash: row.anchor_hash } });
