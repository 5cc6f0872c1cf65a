import { Injectable } from '@nestjs/common';
import { ROLE_SCOPES, type Role } from '@parley/contracts/access';
import type { Actor, Scope } from '@parley/contracts/contract';
import { DataSource } from 'typeorm';

/** What somebody shows at the door: a session, named by an access token, or an API key, by the hash of which it is found. */
export type Credential = { kind: 'session' | 'key'; id: string };

/** How long an answer is believed. Twice this is the longest that somebody who was turned away can still do anything (ACC-4: one second). */
export const BELIEVED_MS = 400;
const REMEMBERED = 10_000;

/** Who a credential stands for, now: asked again and again, so a changed role, an ended session or a revoked key tells within a second (ACC-4). */
@Injectable()
export class StandingService {
  private readonly known = new Map<string, { until: number; actor: Promise<Actor | null> }>();

  constructor(private readonly db: DataSource) {}

  /** Null when the session has ended, the person was deactivated or the key revoked. */
  of(credential: Credential): Promise<Actor | null> {
    const name = nameOf(credential);
    const known = this.known.get(name);
    if (known && known.until > performance.now()) return known.actor;
    const actor = this.ofAll([credential]).then((actors) => actors.get(name) ?? null);
    this.remember(name, actor);
    return actor;
  }

  /** Many at once, fresh: those that still stand, by `nameOf`. */
  async ofAll(credentials: Credential[]): Promise<Map<string, Actor>> {
    const ids = (kind: Credential['kind']) => credentials.filter((credential) => credential.kind === kind).map(({ id }) => id);
    const [sessions, keys] = await Promise.all([this.sessions(ids('session')), this.keys(ids('key'))]);
    return new Map([...sessions, ...keys]);
  }

  private async sessions(ids: string[]): Promise<[string, Actor][]> {
    if (!ids.length) return [];
    const rows: SessionRow[] = await this.db.query('SELECT id, account_id, person_id, role FROM session WHERE id = ANY ($1::uuid[]) AND ended_at IS NULL AND expires_at > now()', [ids]);
    return rows.map((row) => [`session:${row.id}`, { account: row.account_id, type: 'agent', id: row.person_id, scopes: [...ROLE_SCOPES[row.role], 'person'] }]);
  }

  private async keys(hashes: string[]): Promise<[string, Actor][]> {
    if (!hashes.length) return [];
    const rows: KeyRow[] = await this.db.query(`SELECT encode(hash, 'hex') AS hash, account_id, api_key_id, scopes FROM api_key_lookup WHERE hash = ANY ($1::bytea[])`, [hashes.map((hash) => Buffer.from(hash, 'hex'))]);
    return rows.map((row) => [`key:${row.hash}`, { account: row.account_id, type: 'automation', id: row.api_key_id, scopes: row.scopes }]);
  }

  private remember(name: string, actor: Promise<Actor | null>) {
    if (this.known.size >= REMEMBERED) this.known.clear();
    this.known.set(name, { until: performance.now() + BELIEVED_MS, actor });
    // An outage is nobody's standing: the next one asks again.
    actor.catch(() => this.known.delete(name));
  }
}

export const nameOf = ({ kind, id }: Credential) => `${kind}:${id}`;
type SessionRow = { id: string; account_id: string; person_id: string; role: Role };
type KeyRow = { hash: string; account_id: string; api_key_id: string; scopes: Scope[] };
