import { Inject, Injectable } from '@nestjs/common';
import type { Actor, Input, Output } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { holder, HOLDERS, person as whoIs, type privacy } from '@parley/contracts/privacy';
import { newId } from '@parley/service/ids';
import { Secrets } from '@parley/service/secrets';
import { ENV } from '@parley/service/service';
import { Services } from '@parley/service/services';
import { within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import type { GatewayEnv } from '../gateway.config.js';

const GOOD_FOR_MS = 24 * 3_600_000;
const FIELDS = ['account', 'profile', 'export', 'until'] as const;

/** PRO-6: links to what is held of a customer. Nothing is stored: the link says what to read, a code proves that we made it. */
@Injectable()
export class ExportsService {
  private readonly secrets: Secrets;

  constructor(private readonly db: DataSource, private readonly services: Services, private readonly audit: AuditService, @Inject(ENV) private readonly env: GatewayEnv) {
    this.secrets = new Secrets(env.PARLEY_SECRET_KEY);
  }

  /** @throws ContractError PROFILE_NOT_FOUND */
  async link({ id: profileId }: Input<typeof privacy.export>, by: Actor): Promise<Output<typeof privacy.export>> {
    const { profileIds: [profile] } = await this.services.ask(whoIs, { profileId }, { ...by, scopes: ['internal'] });
    return within(this.db, by, async (tx) => {
      const id = newId();
      const expiresAt = new Date(tx.at.getTime() + GOOD_FOR_MS);
      await this.audit.record(tx, { action: 'profile.exported', resource: `profile/${profile}`, after: { exportId: id } });
      const parts = [by.account, profile!, id, String(expiresAt.getTime())];
      const link = Buffer.from(JSON.stringify([...parts, this.secrets.mac('export', ...parts)])).toString('base64url');
      return { id, profileId: profile!, url: `${this.env.PARLEY_PUBLIC_URL}/v1/profile-exports?link=${link}`, expiresAt: expiresAt.toISOString() };
    });
  }

  /** The lines behind a link. @throws ContractError NOT_FOUND for one that is not ours, or too old; PROFILE_NOT_FOUND */
  async open(link: string): Promise<AsyncGenerator<string>> {
    const { account, profile, until } = this.read(link);
    const by: Actor = { account, type: 'system', id: null, scopes: ['internal'] };
    if (await within(this.db, by, async (tx) => tx.at.getTime() > Number(until))) throw new ContractError('NOT_FOUND', 'The link is good for 24 hours: make a new one');
    const person = await this.services.ask(whoIs, { profileId: profile }, by);
    return this.lines(person, by);
  }

  private async *lines(person: Input<ReturnType<typeof holder>['export']>['person'], by: Actor): AsyncGenerator<string> {
    for (const service of HOLDERS) {
      for (let after: { table: number; row: number } | null | undefined; after !== null; ) {
        const { rows, next }: Output<ReturnType<typeof holder>['export']> = await this.services.ask(holder(service).export, { person, after: after ?? null }, by);
        for (const { kind, row } of rows) yield `${JSON.stringify({ service, kind, row })}\n`;
        after = next;
      }
    }
    yield `${JSON.stringify({ end: true })}\n`;
  }

  private read(link: string): Record<(typeof FIELDS)[number], string> {
    const refused = new ContractError('NOT_FOUND', 'There is no such export');
    try {
      const parts = JSON.parse(Buffer.from(link, 'base64url').toString()) as unknown[];
      if (!Array.isArray(parts) || parts.length !== FIELDS.length + 1 || !parts.every((part): part is string => typeof part === 'string')) throw refused;
      const [code, ...said] = [parts.at(-1) as string, ...(parts.slice(0, -1) as string[])];
      if (!this.secrets.verifyMac(code, 'export', ...said)) throw refused;
      return Object.fromEntries(FIELDS.map((field, place) => [field, said[place]!])) as Record<(typeof FIELDS)[number], string>;
    } catch {
      throw refused;
    }
  }
}
