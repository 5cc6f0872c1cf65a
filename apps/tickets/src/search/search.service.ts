import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { SearchHit, search } from '@parley/contracts/search';
import { within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { toSnapshot } from '../ticket/ticket.entity.js';
import { SearchRepository, type Found, type Hit } from './search.repository.js';
import { MARKS, exactly, inEveryLanguage, step, toHtml, windows } from './search.rules.js';

/** As many hits a filter by words looks at. */
const MOST_FILTERED = 2000;

/** TKT-18: exact hits first, then the newest, at a cost that does not grow with the account. */
@Injectable()
export class SearchService {
  constructor(
    private readonly db: DataSource,
    private readonly repository: SearchRepository,
  ) {}

  find({ q, limit, cursor }: Input<typeof search.find>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const exact = cursor === undefined ? (await this.exact(tx, q)).slice(0, limit) : [];
      const people = new Set(exact.map(({ profileId }) => profileId));
      const below = numberIn(cursor) ?? (await this.repository.end(tx));
      const { places, next } = await this.words(tx, q, below, limit - exact.length);
      const others = places.filter(({ foundIn, profileId }) => foundIn !== 'customer' || !people.has(profileId));
      return { items: [...exact.map((hit) => toHit(hit, true)), ...others.map((hit) => toHit(hit, false))], nextCursor: next === null ? null : Buffer.from(String(next)).toString('base64url') };
    });
  }

  /** The tickets of the newest hits, for a filter by words (TKT-15). */
  async tickets(tx: Tx, q: string): Promise<string[]> {
    const exact = (await this.exact(tx, q)).map(({ id }) => id);
    const query = await this.query(tx, q);
    const hits = query ? await this.newest(tx, query, await this.repository.end(tx), MOST_FILTERED) : [];
    return [...new Set([...exact, ...(hits.length ? await this.repository.tickets(tx, hits) : [])])];
  }

  /** The newest hits below a number, with their tickets, and the number below which there are more. */
  private async words(tx: Tx, q: string, below: number, limit: number): Promise<{ places: Found[]; next: number | null }> {
    const query = await this.query(tx, q);
    if (!query) return { places: [], next: null };
    const hits = await this.newest(tx, query, below, limit + 1);
    const shown = hits.slice(0, limit);
    const places = shown.length ? await this.repository.places(tx, shown, query, MARKS) : [];
    return { places, next: hits.length > limit ? (shown.at(-1)?.n ?? below) : null };
  }

  private async exact(tx: Tx, q: string): Promise<Found[]> {
    const found = new Map<string, Found>();
    for (const one of exactly(q)) for (const hit of await this.repository.exact(tx, one)) if (!found.has(hit.id)) found.set(hit.id, hit);
    return [...found.values()];
  }

  private async query(tx: Tx, q: string): Promise<string | null> {
    return inEveryLanguage(await this.repository.queries(tx, q));
  }

  private async newest(tx: Tx, query: string, below: number, limit: number): Promise<Hit[]> {
    const narrowed = windows(query, below);
    const last = narrowed.length - 1;
    for (let at = 0; ; ) {
      const hits = await this.repository.hits(tx, narrowed[at]!, below, limit);
      if (hits.length === limit || at === last) return hits;
      at = Math.min(at + step(hits.length, limit), last);
    }
  }
}

function numberIn(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  const number = Buffer.from(cursor, 'base64url').toString();
  if (/^\d{1,15}$/.test(number)) return Number(number);
  throw new ContractError('VALIDATION_FAILED', 'Not a cursor of a search', { errors: [{ pointer: '/cursor', message: 'is no nextCursor of a search' }] });
}

const toHit = (found: Found, exact: boolean): SearchHit => ({
  foundIn: found.foundIn,
  exact,
  ticket: toSnapshot(found),
  messageId: found.foundIn === 'message' || found.foundIn === 'note' ? found.subjectId : null,
  seq: found.seq,
  highlight: found.marked === null ? null : toHtml(found.marked),
  at: found.at.toISOString(),
});
