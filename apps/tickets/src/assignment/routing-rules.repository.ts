import { Injectable } from '@nestjs/common';
import { TicketStatus } from '@parley/contracts/tickets';
import { newId } from '@parley/service/ids';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import type { RuleEntity } from './assignment.entity.js';

const RULE = 'id, position, name, enabled, on_reopened, conditions, actions, created_at, version';
/** A ticket with what its customer wrote first: what a rule would have seen. */
export type Past = { id: string; number: number; channelType: 'webchat' | 'email' | 'sms' | 'instagram' | 'whatsapp'; channelId: string; profileId: string; subject: string | null; language: string | null; tags: string[]; createdAt: Date; text: string | null };

/** Routing rules by SQL. Whoever changes their order holds the order's lock. */
@Injectable()
export class RoutingRulesRepository {
  async find(tx: Tx, id: string): Promise<RuleEntity | undefined> {
    return (await rows<RuleEntity>(tx, `SELECT ${RULE} FROM routing_rule WHERE id = $1 AND account_id = $2`, [id, tx.by.account]))[0];
  }

  /** All of them, in their order. */
  all(tx: Tx): Promise<RuleEntity[]> {
    return rows(tx, `SELECT ${RULE} FROM routing_rule WHERE account_id = $1 ORDER BY position, id`, [tx.by.account]);
  }

  /** In their order, behind a place in it. */
  page(tx: Tx, after: readonly string[] | null, limit: number): Promise<RuleEntity[]> {
    return rows(
      tx, `SELECT ${RULE} FROM routing_rule WHERE account_id = $1 ${after ? 'AND (position, id) > ($2::int, $3::uuid)' : ''} ORDER BY position, id LIMIT ${limit}`,
      [tx.by.account, ...(after ?? [])],
    );
  }

  /** Nobody else can change the order until the transaction ends. */
  async lockOrder(tx: Tx): Promise<void> {
    await tx.sql('INSERT INTO desk_state (account_id) VALUES ($1) ON CONFLICT DO NOTHING', [tx.by.account]);
    await tx.sql('SELECT FROM desk_state WHERE account_id = $1 FOR UPDATE', [tx.by.account]);
  }

  /** Puts a rule at its position; the others make room. */
  async insert(tx: Tx, rule: Omit<RuleEntity, 'id' | 'createdAt' | 'version'>): Promise<RuleEntity> {
    await tx.sql('UPDATE routing_rule SET position = position + 1 WHERE account_id = $1 AND position >= $2', [tx.by.account, rule.position]);
    const [made] = await rows<RuleEntity>(
      tx,
      `INSERT INTO routing_rule (id, account_id, position, name, enabled, on_reopened, conditions, actions, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${RULE}`,
      [newId(), tx.by.account, rule.position, rule.name, rule.enabled, rule.onReopened, JSON.stringify(rule.conditions), JSON.stringify(rule.actions), tx.at],
    );
    return made!;
  }

  /** Writes what changed; the others close up and make room where it moved from `before`. */
  async save(tx: Tx, rule: RuleEntity, before: number): Promise<void> {
    await tx.sql('UPDATE routing_rule SET position = position - 1 WHERE account_id = $1 AND id <> $2 AND position > $3', [tx.by.account, rule.id, before]);
    await tx.sql('UPDATE routing_rule SET position = position + 1 WHERE account_id = $1 AND id <> $2 AND position >= $3', [tx.by.account, rule.id, rule.position]);
    await tx.sql('UPDATE routing_rule SET position = $3, name = $4, enabled = $5, on_reopened = $6, conditions = $7, actions = $8, version = $9 WHERE id = $1 AND account_id = $2', [
      rule.id, tx.by.account, rule.position, rule.name, rule.enabled, rule.onReopened, JSON.stringify(rule.conditions), JSON.stringify(rule.actions), rule.version,
    ]);
  }

  async remove(tx: Tx, { id, position }: RuleEntity): Promise<void> {
    await tx.sql('DELETE FROM routing_rule WHERE id = $1 AND account_id = $2', [id, tx.by.account]);
    await tx.sql('UPDATE routing_rule SET position = position - 1 WHERE account_id = $1 AND position > $2', [tx.by.account, position]);
  }

  /** The newest tickets, as they were opened. */
  newest(tx: Tx, limit: number): Promise<Past[]> {
    const walk = (status: TicketStatus) => `(SELECT * FROM ticket WHERE account_id = $1 AND status = '${status}' AND NOT spam AND merged_into IS NULL ORDER BY created_at DESC, id DESC LIMIT ${limit})`;
    return rows(
      tx,
      `SELECT t.id, t.number, t.channel_type, t.channel_id, t.profile_id, t.subject, t.language, t.tags, t.created_at,
         (SELECT left(m.text, 10000) FROM message m WHERE m.ticket_id = t.id AND m.direction = 'inbound' AND m.keyword IS NULL ORDER BY m.seq LIMIT 1) AS text
       FROM (${TicketStatus.options.map(walk).join(' UNION ALL ')}) t ORDER BY t.created_at DESC, t.id DESC LIMIT ${limit}`,
      [tx.by.account],
    );
  }
}
