import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import type { Token } from './filter.rules.js';

/** What people said of tickets, and what follows for words, by SQL. */
@Injectable()
export class SamplesRepository {
  async counts(tx: Tx, tokens: string[]): Promise<Token[]> {
    const found = await tx.sql<{ token: string; spam: number; ham: number }>(
      'SELECT token::text AS token, spam, ham FROM spam_token WHERE account_id = $1 AND token = ANY ($2::bigint[])', [tx.by.account, tokens],
    );
    return found.map(({ token, spam, ham }) => ({ token, counts: { spam, ham } }));
  }

  /** What was said of the ticket before. */
  async find(tx: Tx, ticketId: string): Promise<{ spam: boolean; tokens: string[] } | undefined> {
    const [found] = await tx.sql<{ spam: boolean; tokens: string[] }>('SELECT spam, tokens::text[] AS tokens FROM spam_sample WHERE ticket_id = $1 AND account_id = $2', [ticketId, tx.by.account]);
    return found;
  }

  async put(tx: Tx, ticketId: string, spam: boolean, tokens: string[]): Promise<void> {
    await tx.sql(
      `INSERT INTO spam_sample (account_id, ticket_id, spam, tokens, decided_by, at) VALUES ($1, $2, $3, $4::bigint[], $5, $6)
       ON CONFLICT (ticket_id) DO UPDATE SET spam = $3, tokens = $4::bigint[], decided_by = $5, at = $6`,
      [tx.by.account, ticketId, spam, tokens, tx.by.id, tx.at],
    );
  }

  /** Adds (1) or takes back (-1) a sample. Words in one order, so that two who learn never wait for each other in a circle. */
  async count(tx: Tx, spam: boolean, tokens: string[], by: 1 | -1): Promise<void> {
    const [spams, hams] = spam ? [by, 0] : [0, by];
    await tx.sql(
      `INSERT INTO desk_state AS d (account_id, spam, ham) VALUES ($1, $2, $3)
       ON CONFLICT (account_id) DO UPDATE SET spam = d.spam + $2, ham = d.ham + $3, version = d.version + 1`,
      [tx.by.account, spams, hams],
    );
    await tx.sql(
      `INSERT INTO spam_token AS k (account_id, token, spam, ham) SELECT $1, t, $3, $4 FROM unnest($2::bigint[]) t ORDER BY t
       ON CONFLICT (account_id, token) DO UPDATE SET spam = k.spam + $3, ham = k.ham + $4`,
      [tx.by.account, tokens, spams, hams],
    );
  }

  /** The customer's messages, and which of them were keywords. */
  inbound(tx: Tx, ticketId: string): Promise<{ id: string; keyword: string | null }[]> {
    return tx.sql(`SELECT id, keyword FROM message WHERE ticket_id = $1 AND account_id = $2 AND direction = 'inbound' ORDER BY seq`, [ticketId, tx.by.account]);
  }

  /** What the customer wrote, as far as a filter learns from it. */
  async written(tx: Tx, ticketId: string): Promise<string> {
    const found = await tx.sql<{ text: string }>(
      `SELECT left(text, 2000) AS text FROM message WHERE ticket_id = $1 AND account_id = $2 AND direction = 'inbound' ORDER BY seq LIMIT 5`, [ticketId, tx.by.account],
    );
    return found.map(({ text }) => text).join('\n');
  }
}
