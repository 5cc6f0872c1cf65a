import { Injectable } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import type { TagOrigin } from '@parley/contracts/tags';
import { newId } from '@parley/service/ids';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import type { TagEntity, TaggingEntity } from './tag.entity.js';

const COLUMNS = 'id, name, key, created_at, version';

/** Knows tags, and what of tickets follows from them, by SQL. */
@Injectable()
export class TagsRepository {
  page(tx: Tx, { like, after, limit }: { like: string | null; after: string | null; limit: number }): Promise<TagEntity[]> {
    const text = `SELECT ${COLUMNS} FROM tag WHERE account_id = $1 AND removed_at IS NULL AND ($2::text IS NULL OR key LIKE $2) AND ($3::text IS NULL OR key > $3) ORDER BY key LIMIT $4`;
    return rows<TagEntity>(tx, text, [tx.by.account, like, after, limit + 1]);
  }

  /** @throws ContractError TAG_NOT_FOUND */
  async find(tx: Tx, id: string, lock = ''): Promise<TagEntity> {
    const [tag] = await rows<TagEntity>(tx, `SELECT ${COLUMNS} FROM tag WHERE id = $1 AND account_id = $2 AND removed_at IS NULL ${lock}`, [id, tx.by.account]);
    if (!tag) throw new ContractError('TAG_NOT_FOUND', `No tag ${id}`);
    return tag;
  }

  /** Nobody gives or changes it until the transaction ends. */
  lock(tx: Tx, id: string): Promise<TagEntity> {
    return this.find(tx, id, 'FOR UPDATE');
  }

  /** Cannot be renamed, merged or removed until the transaction ends. */
  async named(tx: Tx, key: string): Promise<TagEntity | undefined> {
    return (await rows<TagEntity>(tx, `SELECT ${COLUMNS} FROM tag WHERE key = $2 AND account_id = $1 AND removed_at IS NULL FOR SHARE`, [tx.by.account, key]))[0];
  }

  /** Nothing where another one has the name. */
  async create(tx: Tx, { name, key }: { name: string; key: string }): Promise<TagEntity | undefined> {
    const text = `INSERT INTO tag (id, account_id, name, key, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key, account_id) WHERE removed_at IS NULL DO NOTHING RETURNING ${COLUMNS}`;
    return (await rows<TagEntity>(tx, text, [newId(), tx.by.account, name, key, tx.at]))[0];
  }

  /** False where another one has the name. Every ticket that has the tag shows the new one. */
  async rename(tx: Tx, tag: TagEntity, oldName: string): Promise<boolean> {
    const saved = await tx.sql(
      `UPDATE tag SET name = $3, key = $4, version = $5 WHERE id = $1 AND account_id = $2
         AND NOT EXISTS (SELECT FROM tag o WHERE o.key = $4 AND o.account_id = $2 AND o.removed_at IS NULL AND o.id <> $1) RETURNING id`,
      [tag.id, tx.by.account, tag.name, tag.key, tag.version],
    );
    if (saved.length) await tx.sql(onTickets('array_replace(t.tags, $3, $4)'), [tag.id, tx.by.account, oldName, tag.name]);
    return saved.length === 1;
  }

  /** The one is on every ticket where the other was; where both were, their histories stand side by side. */
  async merge(tx: Tx, from: TagEntity, into: TagEntity) {
    await tx.sql(onTickets('CASE WHEN $4 = ANY (t.tags) THEN array_remove(t.tags, $3) ELSE array_replace(t.tags, $3, $4) END'), [from.id, tx.by.account, from.name, into.name]);
    await tx.sql(
      `UPDATE ticket_tag f SET removed_at = $4, removed_by = $5 WHERE f.tag_id = $1 AND f.account_id = $2 AND f.removed_at IS NULL
         AND EXISTS (SELECT FROM ticket_tag i WHERE i.ticket_id = f.ticket_id AND i.tag_id = $3 AND i.removed_at IS NULL)`,
      [from.id, tx.by.account, into.id, tx.at, tx.by.id],
    );
    await tx.sql('UPDATE ticket_tag SET tag_id = $3 WHERE tag_id = $1 AND account_id = $2', [from.id, tx.by.account, into.id]);
    await tx.sql('UPDATE tag SET removed_at = $3 WHERE id = $1 AND account_id = $2', [from.id, tx.by.account, tx.at]);
  }

  async remove(tx: Tx, tag: TagEntity) {
    await tx.sql(onTickets('array_remove(t.tags, $3)'), [tag.id, tx.by.account, tag.name]);
    await tx.sql('UPDATE ticket_tag SET removed_at = $3, removed_by = $4 WHERE tag_id = $1 AND account_id = $2 AND removed_at IS NULL', [tag.id, tx.by.account, tx.at, tx.by.id]);
    await tx.sql('UPDATE tag SET removed_at = $3 WHERE id = $1 AND account_id = $2', [tag.id, tx.by.account, tx.at]);
  }

  async give(tx: Tx, ticketId: string, tag: TagEntity, { origin, by }: { origin: TagOrigin; by: string | null }) {
    await tx.sql(
      `INSERT INTO ticket_tag (id, account_id, ticket_id, tag_id, name_then, origin, by_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (ticket_id, tag_id) WHERE removed_at IS NULL DO NOTHING`,
      [newId(), tx.by.account, ticketId, tag.id, tag.name, origin, by, tx.at],
    );
  }

  async take(tx: Tx, ticketId: string, tagId: string) {
    await tx.sql('UPDATE ticket_tag SET removed_at = $4, removed_by = $5 WHERE ticket_id = $1 AND tag_id = $2 AND account_id = $3 AND removed_at IS NULL', [
      ticketId, tagId, tx.by.account, tx.at, tx.by.id,
    ]);
  }

  history(tx: Tx, ticketId: string): Promise<TaggingEntity[]> {
    const text = `SELECT g.tag_id, t.name, g.name_then, g.origin, g.by_id, g.at, g.removed_at, g.removed_by FROM ticket_tag g JOIN tag t ON t.id = g.tag_id
      WHERE g.ticket_id = $1 AND g.account_id = $2 ORDER BY g.at DESC, g.id DESC LIMIT 500`;
    return rows<TaggingEntity>(tx, text, [ticketId, tx.by.account]);
  }
}

/** Changes the list of every ticket that has the tag now; whoever has seen one before must look again. */
const onTickets = (tags: string) => `
  UPDATE ticket t SET tags = ${tags}, version = t.version + 1
  WHERE t.account_id = $2 AND t.id IN (SELECT g.ticket_id FROM ticket_tag g WHERE g.tag_id = $1 AND g.account_id = $2 AND g.removed_at IS NULL)`;
