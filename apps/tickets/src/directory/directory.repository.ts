import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import type { AccountEntity, AgentEntity, ChannelEntity } from './directory.entity.js';

/** Projections of other services' facts: kept by version, so that an older fact never overwrites a newer one. */
@Injectable()
export class DirectoryRepository {
  async account(tx: Tx): Promise<AccountEntity | undefined> {
    return (await rows<AccountEntity>(tx, 'SELECT * FROM account WHERE id = $1', [tx.by.account]))[0];
  }

  async agent(tx: Tx, id: string): Promise<AgentEntity | undefined> {
    return (await rows<AgentEntity>(tx, 'SELECT * FROM agent WHERE account_id = $1 AND id = $2', [tx.by.account, id]))[0];
  }

  agents(tx: Tx, ids: string[]): Promise<AgentEntity[]> {
    return rows(tx, 'SELECT * FROM agent WHERE account_id = $1 AND id = ANY ($2::uuid[])', [tx.by.account, ids]);
  }

  async channel(tx: Tx, id: string): Promise<ChannelEntity | undefined> {
    return (await rows<ChannelEntity>(tx, 'SELECT * FROM channel WHERE account_id = $1 AND id = $2', [tx.by.account, id]))[0];
  }

  async keepAccount(tx: Tx, account: AccountEntity): Promise<void> {
    await tx.sql(
      `INSERT INTO account AS known (id, name, timezone, locale, sender_email, version) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (id) DO UPDATE SET name = $2, timezone = $3, locale = $4, sender_email = $5, version = $6 WHERE known.version < $6`,
      [account.id, account.name, account.timezone, account.locale, account.senderEmail, account.version],
    );
  }

  async keepAgent(tx: Tx, agent: AgentEntity): Promise<void> {
    await tx.sql(
      `INSERT INTO agent AS known (account_id, id, name, role, active, version, available) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (account_id, id) DO UPDATE SET name = $3, role = $4, active = $5, version = $6, available = $7 WHERE known.version < $6`,
      [tx.by.account, agent.id, agent.name, agent.role, agent.active, agent.version, agent.available],
    );
  }

  async keepChannel(tx: Tx, channel: ChannelEntity): Promise<void> {
    await tx.sql(
      `INSERT INTO channel AS known (account_id, id, type, enabled, name, settings, version) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (id) DO UPDATE SET enabled = $4, name = $5, settings = $6, version = $7 WHERE known.version < $7`,
      [tx.by.account, channel.id, channel.type, channel.enabled, channel.name, channel.settings, channel.version],
    );
  }
}
