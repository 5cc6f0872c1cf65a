import { Injectable } from '@nestjs/common';
import type { Attachment, ConsentKind, DeliveryState, Identifier, MessageTemplate } from '@parley/contracts/channels';
import type { Tx } from '@parley/service/tx';
import type { Failure, RefusalClass, Status } from '../adapter.js';

export type DeliveryRow = {
  id: string; channelId: string; ticketId: string | null; profileId: string | null;
  recipient: Identifier; toName: string | null; sessionId: string | null; threadId: string | null; subject: string | null; text: string; html: string | null; attachments: Attachment[];
  state: DeliveryState; failure: Failure | null; providerMessageId: string | null;
  byPerson: boolean;
  template: MessageTemplate | null;
  /** As the provider told it. */
  pricing: Record<string, unknown> | null;
  /** How often its outcome was unknown. */
  unsure: number;
  firstTriedAt: Date | null;
};
export type NewDelivery = Omit<DeliveryRow, 'state' | 'failure' | 'providerMessageId' | 'pricing' | 'unsure' | 'firstTriedAt'>;
export type ParkedStatus = Pick<DeliveryRow, 'state' | 'failure' | 'pricing'> & { class: RefusalClass | null; occurredAt: Date };

const ROW = `id, channel_id AS "channelId", ticket_id AS "ticketId", profile_id AS "profileId", recipient, to_name AS "toName", session_id AS "sessionId",
  thread_id AS "threadId", subject, text, html, attachments, state, failure, provider_message_id AS "providerMessageId", by_person AS "byPerson", template, pricing, unsure,
  first_tried_at AS "firstTriedAt"`;

@Injectable()
export class DeliveriesRepository {
  /** How many messages that nobody wrote have gone to this recipient in the last day, beside this one. */
  async automaticTo({ sql, by, at }: Tx, recipient: string, except: string): Promise<number> {
    const [row] = await sql<{ count: number }>(
      `SELECT count(*) FROM delivery WHERE account_id = $1 AND recipient ->> 'value' = $2 AND NOT by_person AND created_at > $3::timestamptz - interval '1 day' AND state <> 'failed' AND provider_message_id IS NOT NULL AND id <> $4`,
      [by.account, recipient, at, except],
    );
    return row!.count;
  }

  /** Writes down what is to be sent; a repeated fact writes nothing. `place`: in its ticket. */
  async add({ sql, by, at }: Tx, row: NewDelivery, place: number) {
    await sql(
      `WITH made AS (
         INSERT INTO delivery (id, account_id, channel_id, ticket_id, profile_id, recipient, to_name, session_id, thread_id, subject, text, html, state, unsure, created_at, attachments, by_person, template)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'queued', 0, $13, $15, $16, $17) ON CONFLICT DO NOTHING RETURNING id)
       INSERT INTO outbox (id, account_id, channel_id, ticket_id, place, created_at, next_at) SELECT id, $2, $3, $4, $14, now(), now() FROM made`,
      [row.id, by.account, row.channelId, row.ticketId, row.profileId, JSON.stringify(row.recipient), row.toName, row.sessionId, row.threadId, row.subject, row.text, row.html, at, place, JSON.stringify(row.attachments), row.byPerson, row.template && JSON.stringify(row.template)],
    );
  }

  async lock({ sql, by }: Tx, id: string) {
    const rows = await sql<DeliveryRow>(`SELECT ${ROW} FROM delivery WHERE id = $1 AND account_id = $2 FOR UPDATE`, [id, by.account]);
    return rows[0] ?? null;
  }

  /** By the provider's id, else by our own where the provider hands it back. */
  async lockReported({ sql, by }: Tx, channelId: string, { providerMessageId, reference }: Pick<Status, 'providerMessageId' | 'reference'>) {
    const rows = await sql<DeliveryRow>(
      `SELECT ${ROW} FROM delivery WHERE account_id = $1 AND channel_id = $2 AND (provider_message_id = $3 OR (id = $4 AND provider_message_id IS NULL)
         OR id = (SELECT p.delivery_id FROM delivery_piece p WHERE p.channel_id = $2 AND p.provider_message_id = $3))
       ORDER BY provider_message_id NULLS LAST LIMIT 1 FOR UPDATE`,
      [by.account, channelId, providerMessageId, reference],
    );
    return rows[0] ?? null;
  }

  async park({ sql, by, at }: Tx, channelId: string, { providerMessageId, state, failure, class: kind, pricing, occurredAt }: Status) {
    await sql(
      `INSERT INTO parked_status (account_id, channel_id, provider_message_id, state, failure, occurred_at, parked_at, class, pricing) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
      [by.account, channelId, providerMessageId, state, failure && JSON.stringify(failure), occurredAt ?? at, at, kind ?? null, pricing ? JSON.stringify(pricing) : null],
    );
  }

  unpark({ sql, by }: Tx, channelId: string, providerMessageId: string) {
    return sql<ParkedStatus>(
      `DELETE FROM parked_status WHERE account_id = $1 AND channel_id = $2 AND provider_message_id = $3 RETURNING state, failure, class, pricing, occurred_at AS "occurredAt"`,
      [by.account, channelId, providerMessageId],
    );
  }

  async save({ sql, by }: Tx, row: DeliveryRow) {
    await sql('UPDATE delivery SET state = $3, failure = $4, provider_message_id = $5, unsure = $6, first_tried_at = $7, pricing = $8 WHERE id = $1 AND account_id = $2', [
      row.id, by.account, row.state, row.failure && JSON.stringify(row.failure), row.providerMessageId, row.unsure, row.firstTriedAt, row.pricing && JSON.stringify(row.pricing),
    ]);
  }

  /** Further ids by which the provider knows pieces of the message. */
  async addPieces({ sql, by }: Tx, { id, channelId }: DeliveryRow, ids: string[]) {
    await sql('INSERT INTO delivery_piece (account_id, channel_id, provider_message_id, delivery_id) SELECT $1, $2, unnest($3::text[]), $4 ON CONFLICT DO NOTHING', [by.account, channelId, ids, id]);
  }

  /** Our id of this message of the brand's, written by us or elsewhere; undefined: it is not known here. */
  async idOf({ sql, by }: Tx, channelId: string, providerMessageId: string): Promise<string | undefined> {
    const rows = await sql<{ id: string }>(
      `SELECT id FROM delivery WHERE account_id = $1 AND channel_id = $2 AND provider_message_id = $3
       UNION ALL SELECT delivery_id FROM delivery_piece WHERE account_id = $1 AND channel_id = $2 AND provider_message_id = $3
       UNION ALL SELECT id FROM echo WHERE account_id = $1 AND channel_id = $2 AND provider_message_id = $3 LIMIT 1`,
      [by.account, channelId, providerMessageId],
    );
    return rows[0]?.id;
  }

  /** What we wrote to this person up to this message and do not know to be read, in its order: ids are made in order. */
  async lockUnread({ sql, by }: Tx, channelId: string, recipients: string[], upTo: string) {
    return sql<DeliveryRow>(
      `SELECT ${ROW} FROM delivery WHERE account_id = $1 AND channel_id = $2 AND recipient ->> 'value' = ANY ($3) AND state IN ('sent', 'delivered') AND id <= $4
       ORDER BY id LIMIT 200 FOR UPDATE`,
      [by.account, channelId, recipients, upTo],
    );
  }

  /** Those of the provider's ids that stand in our books already. */
  async recorded({ sql, by }: Tx, channelId: string, ids: string[]) {
    const rows = await sql<{ id: string }>(`SELECT provider_message_id AS id FROM delivery WHERE account_id = $1 AND channel_id = $2 AND provider_message_id = ANY ($3)
       UNION ALL SELECT provider_message_id FROM delivery_piece WHERE account_id = $1 AND channel_id = $2 AND provider_message_id = ANY ($3)`, [by.account, channelId, ids]);
    return new Set(rows.map(({ id }) => id));
  }

  /** What tickets last said of the person. */
  async standing({ sql, by }: Tx, profileId: string) {
    const rows = await sql<{ kind: ConsentKind | null; state: 'granted' | 'revoked'; blocked: boolean }>(
      `SELECT c.kind, c.state, b.profile_id IS NOT NULL AS blocked FROM (SELECT $2::uuid AS id) p
       LEFT JOIN person_consent c ON c.account_id = $1 AND c.profile_id = p.id LEFT JOIN blocked_person b ON b.account_id = $1 AND b.profile_id = p.id`,
      [by.account, profileId],
    );
    return { consents: Object.fromEntries(rows.flatMap(({ kind, state }) => (kind ? [[kind, state]] : []))), blocked: rows[0]!.blocked };
  }

  async consent({ sql, by }: Tx, profileId: string, kind: ConsentKind, state: string) {
    await sql('INSERT INTO person_consent (account_id, profile_id, kind, state) VALUES ($1, $2, $3, $4) ON CONFLICT (account_id, profile_id, kind) DO UPDATE SET state = excluded.state', [by.account, profileId, kind, state]);
  }

  async block({ sql, by }: Tx, profileId: string, blocked: boolean) {
    if (blocked) await sql('INSERT INTO blocked_person (account_id, profile_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [by.account, profileId]);
    else await sql('DELETE FROM blocked_person WHERE account_id = $1 AND profile_id = $2', [by.account, profileId]);
  }
}
