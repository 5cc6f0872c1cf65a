import { Inject, Injectable } from '@nestjs/common';
import type { Actor, Input, Output } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { holder, HOLDERS, person as whoIs, type privacy } from '@parley/contracts/privacy';
import { cleanName } from '@parley/service/file-names';
import { FileStore } from '@parley/service/files';
import { newId } from '@parley/service/ids';
import { Secrets } from '@parley/service/secrets';
import { ENV } from '@parley/service/service';
import { Services } from '@parley/service/services';
import { within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import type { Outgoing } from '../files/attachments.service.js';
import type { GatewayEnv } from '../gateway.config.js';

const GOOD_FOR_MS = 24 * 3_600_000;
const EXPORT = ['account', 'profile', 'export', 'until'] as const;
const FILE = ['account', 'sha256', 'name', 'sizeBytes', 'until'] as const;
/** What a link says, and what its code is made for. */
const FIELDS = { export: EXPORT, 'export-file': FILE } as const;
type Said<K extends keyof typeof FIELDS> = Record<(typeof FIELDS)[K][number], string>;

/** PRO-6: links to what is held of a customer. Nothing is stored: the link says what to read, a code proves that we made it. */
@Injectable()
export class ExportsService {
  private readonly secrets: Secrets;

  constructor(
    private readonly db: DataSource, private readonly services: Services, private readonly audit: AuditService, private readonly store: FileStore,
    @Inject(ENV) private readonly env: GatewayEnv,
  ) {
    this.secrets = new Secrets(env.PARLEY_SECRET_KEY);
  }

  /** @throws ContractError PROFILE_NOT_FOUND */
  async link({ id: profileId }: Input<typeof privacy.export>, by: Actor): Promise<Output<typeof privacy.export>> {
    const { profileIds: [profile] } = await this.services.ask(whoIs, { profileId }, { ...by, scopes: ['internal'] });
    return within(this.db, by, async (tx) => {
      const id = newId();
      const expiresAt = new Date(tx.at.getTime() + GOOD_FOR_MS);
      await this.audit.record(tx, { action: 'profile.exported', resource: `profile/${profile}`, after: { exportId: id } });
      const link = this.written('export', { account: by.account, profile: profile!, export: id, until: String(expiresAt.getTime()) });
      return { id, profileId: profile!, url: `${this.env.PARLEY_PUBLIC_URL}/v1/profile-exports?link=${link}`, expiresAt: expiresAt.toISOString() };
    });
  }

  /** The lines behind a link. @throws ContractError NOT_FOUND for one that is not ours, or too old; PROFILE_NOT_FOUND */
  async open(link: string): Promise<AsyncGenerator<string>> {
    const { account, profile, until } = this.read('export', link);
    const by = await this.inTime(account, until);
    const person = await this.services.ask(whoIs, { profileId: profile }, by);
    return this.lines(person, by, until);
  }

  /** A file of an export, by the link in its line. @throws ContractError NOT_FOUND for one that is not ours, too old, or of bytes that are gone */
  async file(link: string): Promise<Outgoing> {
    const { account, sha256, name, sizeBytes, until } = this.read('export-file', link);
    await this.inTime(account, until);
    const bytes = await this.store.read(account, sha256);
    if (!bytes) throw new ContractError('NOT_FOUND', 'The file is gone');
    return { name, contentType: 'application/octet-stream', sizeBytes: Number(sizeBytes), inline: false, bytes };
  }

  private async inTime(account: string, until: string): Promise<Actor> {
    const by: Actor = { account, type: 'system', id: null, scopes: ['internal'] };
    if (await within(this.db, by, async (tx) => tx.at.getTime() > Number(until))) throw new ContractError('NOT_FOUND', 'The link is good for 24 hours: make a new one');
    return by;
  }

  private async *lines(person: Input<ReturnType<typeof holder>['export']>['person'], by: Actor, until: string): AsyncGenerator<string> {
    for (const service of HOLDERS) {
      for (let after: { table: number; row: number } | null | undefined; after !== null; ) {
        const { rows, next }: Output<ReturnType<typeof holder>['export']> = await this.services.ask(holder(service).export, { person, after: after ?? null }, by);
        for (const { kind, row } of rows) yield `${JSON.stringify({ service, kind, row, ...this.linkTo(row, kind, { account: by.account, until }) })}\n`;
        after = next;
      }
    }
    yield `${JSON.stringify({ end: true })}\n`;
  }

  /** Beside what is known of a file: where its bytes are. */
  private linkTo(row: Record<string, unknown>, kind: string, { account, until }: { account: string; until: string }): { url?: string } {
    const { sha256, name, size_bytes: sizeBytes } = row;
    if (kind !== 'attachment' || typeof sha256 !== 'string') return {};
    const link = this.written('export-file', { account, sha256, name: cleanName(String(name)), sizeBytes: String(sizeBytes), until });
    return { url: `${this.env.PARLEY_PUBLIC_URL}/v1/profile-exports/file?link=${link}` };
  }

  private written<K extends keyof typeof FIELDS>(kind: K, said: Said<K>): string {
    const parts = FIELDS[kind].map((field) => (said as Record<string, string>)[field]!);
    return Buffer.from(JSON.stringify([...parts, this.secrets.mac(kind, ...parts)])).toString('base64url');
  }

  private read<K extends keyof typeof FIELDS>(kind: K, link: string): Said<K> {
    const refused = new ContractError('NOT_FOUND', 'There is no such export');
    try {
      const parts = JSON.parse(Buffer.from(link, 'base64url').toString()) as unknown[];
      if (!Array.isArray(parts) || parts.length !== FIELDS[kind].length + 1 || !parts.every((part): part is string => typeof part === 'string')) throw refused;
      const [code, ...said] = [parts.at(-1) as string, ...(parts.slice(0, -1) as string[])];
      if (!this.secrets.verifyMac(code, kind, ...said)) throw refused;
      return Object.fromEntries(FIELDS[kind].map((field, place) => [field, said[place]!])) as Said<K>;
    } catch {
      throw refused;
    }
  }
}
