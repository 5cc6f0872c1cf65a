import { Inject, Injectable } from '@nestjs/common';
import { accessEvents, type access } from '@parley/contracts/access';
import type { Actor, Input, Output } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { newId } from '@parley/service/ids';
import { ENV } from '@parley/service/service';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { GatewayEnv } from '../gateway.config.js';
import { AccountEntity, toAccount } from './account.entity.js';
import { AuditService } from './audit.service.js';
import { PasswordsService } from './passwords.service.js';
import { PeopleService } from './people.service.js';
import { SessionsService } from './sessions.service.js';

/** ACC-1: accounts, one per brand. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly db: DataSource, private readonly people: PeopleService, private readonly passwords: PasswordsService,
    private readonly sessions: SessionsService, private readonly audit: AuditService, @Inject(ENV) private readonly env: GatewayEnv,
  ) {}

  /** An account and its first owner, signed in. @throws ContractError SIGN_UP_CLOSED, EMAIL_TAKEN */
  async signUp({ owner, ...wanted }: Input<typeof access.signUp>, by: Actor): Promise<Output<typeof access.signUp>> {
    if (this.env.PARLEY_SIGN_UP === 'closed') throw new ContractError('SIGN_UP_CLOSED', 'Ask the operator for an account');
    const passwordHash = await this.passwords.hash(owner.password);
    const founder: Actor = { ...by, account: newId(), type: 'agent', id: newId() };
    return within(this.db, founder, async (tx) => {
      const nothingYet = { organisationPrefix: null, senderEmail: null, logoUrl: null, brandColor: null, accentColor: null, privacyUrl: null, termsUrl: null };
      const account = tx.db.create(AccountEntity, { id: founder.account, ...wanted, ...nothingYet, createdAt: tx.at, version: 1 });
      await tx.db.insert(AccountEntity, account);
      announce(tx, accessEvents.accountCreated, { key: account.id, data: toAccount(account) });
      await this.audit.record(tx, { action: 'account.created', resource: `account/${account.id}`, after: toAccount(account) });
      const user = await this.people.add(tx, { id: founder.id!, email: owner.email, name: owner.name, role: 'owner', passwordHash });
      return this.sessions.begin(tx, user);
    });
  }

  get(by: Actor) {
    return within(this.db, by, async (tx) => toAccount(await this.find(tx)));
  }

  update({ ifMatch, ...changes }: Input<typeof access.updateAccount>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const account = await this.find(tx, 'lock');
      const before = toAccount(account);
      if (account.version !== ifMatch) throw new ContractError('VERSION_STALE', `Now at ${account.version}`, { current: before });
      Object.assign(account, changes, { version: account.version + 1 });
      await tx.db.save(account);
      const data = toAccount(account);
      announce(tx, accessEvents.accountUpdated, { key: account.id, before, data });
      await this.audit.record(tx, { action: 'account.updated', resource: `account/${account.id}`, before, after: data });
      return data;
    });
  }

  private async find(tx: Tx, how?: 'lock') {
    const account = await tx.db.findOne(AccountEntity, { where: { id: tx.by.account }, ...(how && { lock: { mode: 'pessimistic_write' as const } }) });
    if (!account) throw new ContractError('NOT_FOUND', 'The account is gone');
    return account;
  }
}
