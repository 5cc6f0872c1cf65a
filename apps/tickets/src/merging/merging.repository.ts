import { Injectable } from '@nestjs/common';
import { newId, partitionOf } from '@parley/service/ids';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import type { TicketEntity } from '../ticket/ticket.entity.js';
import type { MergeEntity, Moved } from './merge.entity.js';

const MERGE = 'id, kind, from_id, into_id, moved, restore, by, at, undone_at';
/** What a thread says of its ticket. */
export type Thread = {
  messages: number; lastMessageAt: Date | null; lastInboundSeq: number; lastInboundAt: Date | null; lastAgentSeq: number; lastAgentAt: Date | null;
  answeredAt: Date | null; waitingSince: Date | null; readUpToSeq: number; text: string | null; attachments: { name: string }[] | null;
};

/** What a split-off ticket has from the one it was part of. */
const INHERITED = ['account_id', 'channel_type', 'channel_id', 'profile_id', 'email_thread_key', 'chat_session_id', 'customer', 'subject', 'assignee_id', 'team_id', 'priority', 'spam', 'language', 'closed_at'];
const SPLIT = `
  WITH n AS (INSERT INTO ticket_counter AS k (account_id, number) VALUES ($2, 1) ON CONFLICT (account_id) DO UPDATE SET number = k.number + 1 RETURNING number)
  INSERT INTO ticket (id, partition, number, split_from, status, ${INHERITED.join(', ')}, created_at, open_since, last_message_at, last_inbound_at)
  SELECT $3, $4, n.number, t.id, CASE t.status WHEN 'closed' THEN 'closed' ELSE 'open' END, ${INHERITED.map((column) => `t.${column}`).join(', ')}, $5, $5, $5, t.last_inbound_at
  FROM ticket t, n WHERE t.id = $1 AND t.account_id = $2`;

/** Both threads as one: in order of time, and each in its own order where providers' clocks disagree. Numbers are turned aside first, so that none is taken twice. */
const INTERLEAVE = `
  WITH k AS (
    SELECT id, ticket_id, -seq AS old, max(received_at) OVER (PARTITION BY ticket_id ORDER BY -seq) AS at FROM message WHERE ticket_id IN ($1, $2) AND account_id = $3),
  n AS (SELECT k.*, row_number() OVER (ORDER BY at, ticket_id, old) AS new FROM k)
  UPDATE message m SET ticket_id = $2, seq = n.new FROM n WHERE m.id = n.id RETURNING m.id, n.ticket_id AS was_in, n.old, m.seq`;

const THREAD = `
  WITH m AS (SELECT * FROM message WHERE ticket_id = $1 AND account_id = $2), o AS (SELECT coalesce(max(seq), 0) AS seq FROM m WHERE direction = 'outbound')
  SELECT count(*) AS messages, max(received_at) AS last_message_at, coalesce(max(seq) FILTER (WHERE direction = 'inbound'), 0) AS last_inbound_seq,
    max(least(occurred_at, received_at)) FILTER (WHERE direction = 'inbound') AS last_inbound_at,
    coalesce(max(seq) FILTER (WHERE author_type IN ('agent', 'ai_agent')), 0) AS last_agent_seq, max(received_at) FILTER (WHERE author_type IN ('agent', 'ai_agent')) AS last_agent_at,
    max(received_at) FILTER (WHERE direction = 'outbound') AS answered_at,
    min(received_at) FILTER (WHERE direction = 'inbound' AND keyword IS NULL AND automatic IS NULL AND m.seq > (SELECT seq FROM o)) AS waiting_since,
    coalesce(max(seq) FILTER (WHERE read_at IS NOT NULL), 0) AS read_up_to_seq,
    (SELECT text FROM m ORDER BY seq DESC LIMIT 1) AS text, (SELECT attachments FROM m ORDER BY seq DESC LIMIT 1) AS attachments
  FROM m`;

/** Moves messages and notes between tickets that the caller has locked. */
@Injectable()
export class MergingRepository {
  async find(tx: Tx, id: string): Promise<MergeEntity | undefined> {
    return (await rows<MergeEntity>(tx, `SELECT ${MERGE} FROM ticket_merge WHERE id = $1 AND account_id = $2`, [id, tx.by.account]))[0];
  }

  async lock(tx: Tx, id: string): Promise<MergeEntity | undefined> {
    return (await rows<MergeEntity>(tx, `SELECT ${MERGE} FROM ticket_merge WHERE id = $1 AND account_id = $2 FOR UPDATE`, [id, tx.by.account]))[0];
  }

  async insert(tx: Tx, merge: Omit<MergeEntity, 'id' | 'by' | 'at' | 'undoneAt'>): Promise<MergeEntity> {
    const text = `INSERT INTO ticket_merge (id, account_id, kind, from_id, into_id, moved, restore, by, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${MERGE}`;
    return (await rows<MergeEntity>(tx, text, [newId(), tx.by.account, merge.kind, merge.fromId, merge.intoId, JSON.stringify(merge.moved), JSON.stringify(merge.restore), tx.by.id, tx.at]))[0]!;
  }

  async setUndone(tx: Tx, id: string): Promise<void> {
    await tx.sql('UPDATE ticket_merge SET undone_at = $3 WHERE id = $1 AND account_id = $2', [id, tx.by.account, tx.at]);
  }

  /** Puts one thread into the other; answers where the moved ones stood. */
  async interleave(tx: Tx, fromId: string, intoId: string): Promise<Moved> {
    const both = [fromId, intoId, tx.by.account];
    const notes = await rows<{ id: string; ticketId: string; afterSeq: number }>(tx, 'SELECT id, ticket_id, after_seq FROM note WHERE ticket_id IN ($1, $2) AND account_id = $3', both);
    await tx.sql('UPDATE message SET seq = -seq WHERE ticket_id IN ($1, $2) AND account_id = $3', both);
    const moved = await rows<{ id: string; wasIn: string; old: number; seq: number }>(tx, INTERLEAVE, both);
    const placeOf = ({ ticketId, afterSeq }: { ticketId: string; afterSeq: number }) =>
      moved.filter(({ wasIn, old }) => wasIn === ticketId && old <= afterSeq).reduce((last, { seq }) => Math.max(last, seq), 0);
    await this.putNotes(tx, intoId, notes.map((note) => ({ id: note.id, afterSeq: placeOf(note) })));
    return {
      messages: moved.filter(({ wasIn }) => wasIn === fromId).map(({ id, old }) => ({ id, seq: old })),
      notes: notes.filter(({ ticketId }) => ticketId === fromId).map(({ id, afterSeq }) => ({ id, afterSeq })),
    };
  }

  /** A new ticket beside this one, which receives nothing. */
  async openBeside(tx: Tx, ticket: TicketEntity): Promise<string> {
    const id = newId();
    await tx.sql(SPLIT, [ticket.id, tx.by.account, id, partitionOf(tx.by.account, id), tx.at]);
    return id;
  }

  /** Moves everything from a number on; it is counted from 1 there. */
  async moveFrom(tx: Tx, fromId: string, intoId: string, seq: number): Promise<Moved> {
    const values = [fromId, intoId, seq, tx.by.account];
    const messages = await rows<{ id: string; seq: number }>(
      tx, 'UPDATE message SET ticket_id = $2, seq = seq - $3 + 1 WHERE ticket_id = $1 AND seq >= $3 AND account_id = $4 RETURNING id, seq + $3 - 1 AS seq', values,
    );
    const notes = await rows<{ id: string; afterSeq: number }>(
      tx, 'UPDATE note SET ticket_id = $2, after_seq = after_seq - $3 + 1 WHERE ticket_id = $1 AND after_seq >= $3 AND account_id = $4 RETURNING id, after_seq + $3 - 1 AS after_seq', values,
    );
    return { messages, notes };
  }

  /** Puts back what still stands where it was moved to. */
  async moveBack(tx: Tx, intoId: string, fromId: string, { messages, notes }: Moved): Promise<void> {
    await tx.sql(
      'UPDATE message m SET ticket_id = $2, seq = o.seq FROM unnest($3::uuid[], $4::bigint[]) AS o (id, seq) WHERE m.id = o.id AND m.ticket_id = $1 AND m.account_id = $5',
      [intoId, fromId, messages.map(({ id }) => id), messages.map(({ seq }) => seq), tx.by.account],
    );
    await this.putNotes(tx, fromId, notes);
  }

  /** Who answers in its place from now on; null: it does so itself again. */
  async redirect(tx: Tx, ticketId: string, mergedInto: string | null): Promise<void> {
    await tx.sql('UPDATE ticket SET merged_into = $3 WHERE id = $1 AND account_id = $2', [ticketId, tx.by.account, mergedInto]);
  }

  async setSplitFrom(tx: Tx, ticketId: string, splitFrom: string | null): Promise<void> {
    await tx.sql('UPDATE ticket SET split_from = $3 WHERE id = $1 AND account_id = $2', [ticketId, tx.by.account, splitFrom]);
  }

  async thread(tx: Tx, ticketId: string): Promise<Thread> {
    return (await rows<Thread>(tx, THREAD, [ticketId, tx.by.account]))[0]!;
  }

  /** The number of a message of this ticket, and whether any stands before it. */
  async placeOf(tx: Tx, ticketId: string, messageId: string): Promise<{ seq: number; isFirst: boolean } | undefined> {
    const [place] = await tx.sql<{ seq: number; first: number }>(
      'SELECT seq, (SELECT min(seq) FROM message WHERE ticket_id = $1 AND account_id = $3) AS first FROM message WHERE id = $2 AND ticket_id = $1 AND account_id = $3', [ticketId, messageId, tx.by.account],
    );
    return place && { seq: place.seq, isFirst: place.seq === place.first };
  }

  private async putNotes(tx: Tx, ticketId: string, notes: { id: string; afterSeq: number }[]): Promise<void> {
    if (!notes.length) return;
    await tx.sql('UPDATE note n SET ticket_id = $1, after_seq = o.after_seq FROM unnest($2::uuid[], $3::bigint[]) AS o (id, after_seq) WHERE n.id = o.id AND n.account_id = $4', [
      ticketId, notes.map(({ id }) => id), notes.map(({ afterSeq }) => afterSeq), tx.by.account,
    ]);
  }
}
