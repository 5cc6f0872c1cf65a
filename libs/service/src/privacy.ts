import { holder, type Holder, type Person } from '@parley/contracts/privacy';
import type { Actor, Input, Output } from '@parley/contracts/contract';
import type { Envelope } from '@parley/contracts/events';
import type { DataSource } from 'typeorm';
import { errorFields, logger } from './logging.js';
import { scrubbed } from './scrubbing.js';
import { within, type Tx } from './tx.js';

/**
 * What a table holds of a customer (PRO-6). In SQL, `t` is the row and `p` the person: p.profiles, p.tickets, p.sessions, p.threads, p.messages (ids),
 * p.names (identifiers as they are written) and p.marks (the same in lower case and as they stand in forms, and all ids: whatever holds one is about them).
 */
export type Holding = {
  whose: string;
  /** Assignments that leave nothing of them, or the row goes. */
  erase: 'delete' | string;
  /** Columns that the export leaves out; all: it is no news beside other tables, or nothing to read. */
  hide?: readonly string[] | 'all';
};
/** By table, in the order in which they are erased. `nobody`: no row says anything of a customer. */
export type Holdings = Readonly<Record<string, Holding | 'nobody'>>;

const PERSON = `p AS (SELECT $1::uuid AS account, $2::uuid[] AS profiles, $3::uuid[] AS tickets, $4::uuid[] AS sessions, $5::uuid[] AS threads, $6::uuid[] AS messages, $7::text[] AS names, $8::text[] AS marks)`;
/** How long an answer waits for the work before it says “not yet”. */
const PATIENCE_MS = 3000;
/** A log is gone through in stretches of so many blocks of 8 KiB, so that no statement runs into its time limit. */
const BLOCKS = 4000;
const SCRUBBED_AT_ONCE = 200;
const EXPORTED_AT_ONCE = 100;
const EXPORTED_BYTES = 300_000;

/** A service's part in exports and erasures. `facts`: tables of envelopes beside the log and the dead letters of the kit. */
export class Privacy {
  private readonly works = new Map<string, Promise<boolean>>();

  constructor(private readonly db: DataSource, private readonly holdings: Holdings, private readonly facts: readonly string[] = []) {}

  /** A piece of what is held of somebody, table by table. */
  async export({ person, after }: Input<ReturnType<typeof holder>['export']>, by: Actor): Promise<Output<ReturnType<typeof holder>['export']>> {
    const shown = Object.entries(this.holdings).flatMap(([table, holding]) => (holding === 'nobody' || holding.hide === 'all' ? [] : [{ table, whose: holding.whose, hide: [...(holding.hide ?? []), 'account_id'] }]));
    const at = after ?? { table: 0, row: 0 };
    const one = shown[at.table];
    if (!one) return { rows: [], next: null };
    return within(this.db, by, async (tx) => {
      const found = await tx.sql<{ row: Record<string, unknown> }>(
        `WITH ${PERSON} SELECT to_jsonb(t) - $9::text[] AS row FROM ${one.table} t, p WHERE t.account_id = p.account AND (${one.whose}) ORDER BY t.ctid OFFSET ${at.row} LIMIT ${EXPORTED_AT_ONCE}`,
        [...valuesOf(tx, person), one.hide],
      );
      const rows = fitting(found.map(({ row }) => ({ kind: one.table, row })));
      const isOver = rows.length === found.length && found.length < EXPORTED_AT_ONCE;
      return { rows, next: isOver ? { table: at.table + 1, row: 0 } : { table: at.table, row: at.row + rows.length } };
    });
  }

  /**
   * Erases in one transaction; a repeat joins the work that goes on, or does what is left, which may be nothing. `more` is done in the same transaction
   * after the tables, before the log is scrubbed.
   */
  async erase({ erasureId, person }: { erasureId: string; person: Person }, by: Actor, more: (tx: Tx) => Promise<void> = async () => undefined): Promise<{ done: boolean }> {
    const work = this.works.get(erasureId) ?? this.work(person, by, more);
    this.works.set(erasureId, work);
    const done = await Promise.race([work, new Promise<boolean>((resolve) => setTimeout(() => resolve(false), PATIENCE_MS).unref())]).catch((error: unknown) => {
      this.works.delete(erasureId);
      throw error;
    });
    if (done) this.works.delete(erasureId);
    return { done };
  }

  private async work(person: Person, by: Actor, more: (tx: Tx) => Promise<void>): Promise<boolean> {
    const work = within(this.db, by, async (tx) => {
      for (const [table, holding] of Object.entries(this.holdings)) if (holding !== 'nobody') await eraseIn(tx, table, holding, person);
      await more(tx);
      for (const table of ['log', 'dead_letter', ...this.facts]) await scrub(tx, table, person);
      return true;
    });
    work.catch((error: unknown) => logger.warn(errorFields(error), 'erasure not finished'));
    return work;
  }
}

/** Identifiers as they may be written, and every id: what holds one of these is about the person. */
export function marksOf({ identifiers, files: _, ...ids }: Person): string[] {
  const written = identifiers.flatMap(({ value }) => [value, encodeURIComponent(value), new URLSearchParams({ v: value }).toString().slice(2)]);
  return [...new Set([...written.map((value) => value.toLowerCase()), ...Object.values(ids).flat()])];
}

const valuesOf = (tx: Tx, person: Person) => [
  tx.by.account, person.profileIds, person.ticketIds, person.sessionIds, person.threadIds, person.messageIds, person.identifiers.map(({ value }) => value), marksOf(person),
];

async function eraseIn(tx: Tx, table: string, { whose, erase }: Holding, person: Person) {
  const where = `t.account_id = p.account AND (${whose})`;
  await tx.sql(erase === 'delete' ? `WITH ${PERSON} DELETE FROM ${table} t USING p WHERE ${where}` : `WITH ${PERSON} UPDATE ${table} t SET ${erase} FROM p WHERE ${where}`, valuesOf(tx, person));
}

/** Takes the content out of every fact about the person: ids, types and counts stay. */
async function scrub(tx: Tx, table: string, person: Person) {
  const [{ blocks }] = (await tx.sql<{ blocks: number }>(`SELECT (pg_relation_size($1::regclass) / 8192)::bigint AS blocks`, [table])) as [{ blocks: number }];
  const places: string[] = [];
  for (let from = 0; from <= blocks; from += BLOCKS) {
    const found = await tx.sql<{ place: string }>(
      `SELECT t.ctid::text AS place FROM ${table} t WHERE t.ctid >= $3::tid AND t.ctid < $4::tid AND t.envelope->>'account' = $1::text
         AND EXISTS (SELECT FROM unnest($2::text[]) mark WHERE position(mark IN lower(t.envelope::text)) > 0)`,
      [tx.by.account, marksOf(person), `(${from},0)`, `(${from + BLOCKS},0)`],
    );
    places.push(...found.map(({ place }) => place));
  }
  for (let from = 0; from < places.length; from += SCRUBBED_AT_ONCE) await scrubAt(tx, table, places.slice(from, from + SCRUBBED_AT_ONCE), person);
}

async function scrubAt(tx: Tx, table: string, places: string[], person: Person) {
  const rows = await tx.sql<{ place: string; envelope: Envelope }>(`SELECT t.ctid::text AS place, t.envelope FROM ${table} t WHERE t.ctid = ANY ($1::tid[]) FOR UPDATE`, [places]);
  const names = person.identifiers.map(({ value }) => value);
  const more = { log: `, key = CASE WHEN EXISTS (SELECT FROM unnest($3::text[]) name WHERE position(name IN t.key) > 0) THEN 'erased' ELSE t.key END`, dead_letter: `, error = CASE WHEN $3::text[] IS NULL THEN error ELSE 'erased' END` }[table] ?? '';
  await tx.sql(
    `UPDATE ${table} t SET envelope = n.envelope::json${more} FROM unnest($1::tid[], $2::text[]) AS n (place, envelope) WHERE t.ctid = n.place`,
    [rows.map(({ place }) => place), rows.map(({ envelope }) => JSON.stringify(scrubbed(envelope, names))), ...(more ? [names] : [])],
  );
}

/** As many from the beginning as fit into a message of the broker, at least one. */
function fitting<T>(rows: T[]): T[] {
  let bytes = 0;
  const end = rows.findIndex((row, place) => (bytes += Buffer.byteLength(JSON.stringify(row))) > EXPORTED_BYTES && place > 0);
  return end < 0 ? rows : rows.slice(0, end);
}

export type { Holder };
