import { Injectable } from '@nestjs/common';
import { ROLE_SCOPES, type Account, type Role, type User } from '@parley/contracts/access';
import type { Channel } from '@parley/contracts/channels';
import type { Tx } from '@parley/service/tx';
import type { AccountEntity, AgentEntity, ChannelEntity } from './directory.entity.js';
import { DirectoryRepository } from './directory.repository.js';

/** What other services have told: the account, its people, its channels. */
@Injectable()
export class DirectoryService {
  constructor(private readonly directory: DirectoryRepository) {}

  /** The account; UTC and English until it has been heard of. */
  async account(tx: Tx): Promise<AccountEntity> {
    return (await this.directory.account(tx)) ?? { id: tx.by.account, name: '', timezone: 'UTC', locale: 'en', senderEmail: null, version: 0 };
  }

  /** Somebody who may be given tickets: active, and with a role that works them. */
  async assignable(tx: Tx, id: string | null): Promise<AgentEntity | null> {
    const agent = id === null ? undefined : await this.directory.agent(tx, id);
    return agent && isAble(agent) ? agent : null;
  }

  /** Those of these people who may be given tickets. */
  async allAssignable(tx: Tx, ids: string[]): Promise<Set<string>> {
    return new Set((await this.directory.agents(tx, ids)).filter(isAble).map(({ id }) => id));
  }

  /** Is this person here to work tickets (ACC-5)? */
  async isOnline(tx: Tx, id: string): Promise<boolean> {
    return (await this.assignable(tx, id))?.available ?? false;
  }

  /** The name under which staff know whoever acts; null for what acts by itself. */
  async nameOf(tx: Tx, id: string | null): Promise<string | null> {
    return id === null ? null : ((await this.directory.agent(tx, id))?.name ?? null);
  }

  async channel(tx: Tx, id: string): Promise<ChannelEntity | null> {
    return (await this.directory.channel(tx, id)) ?? null;
  }

  keepAccount(tx: Tx, account: Account) {
    return this.directory.keepAccount(tx, account);
  }

  keepAgent(tx: Tx, user: User) {
    return this.directory.keepAgent(tx, { ...user, available: user.availability === 'online' });
  }

  keepChannel(tx: Tx, channel: Channel) {
    return this.directory.keepChannel(tx, channel);
  }
}

const isAble = ({ active, role }: AgentEntity) => active && (ROLE_SCOPES[role as Role]?.includes('tickets:write') ?? false);
