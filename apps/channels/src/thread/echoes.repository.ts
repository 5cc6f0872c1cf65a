import { Injectable } from '@nestjs/common';
import type { channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import type { Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { InboundFile } from '../adapter.js';

/** As it will be told, with its files as the provider has them. */
export type Echoed = Omit<Data<typeof channelEvents.messageEchoed>, 'attachments'> & { files: InboundFile[] };
export type NewEcho = { id: string; channelId: string; providerMessageId: string; key: string; waiting: Echoed | null };

/** So long it may be a message of ours whose sending is not recorded. */
const PATIENCE_MINUTES = 10;

/** What the brand wrote elsewhere. */
@Injectable()
export class EchoesRepository {
  constructor(private readonly source: DataSource) {}

  async isKnown({ sql, by }: Tx, channelId: string, providerMessageId: string): Promise<boolean> {
    return (await sql('SELECT FROM echo WHERE account_id = $1 AND channel_id = $2 AND provider_message_id = $3', [by.account, channelId, providerMessageId])).length > 0;
  }

  /** Is a message of ours to one of these on its way, or is it unknown whether it arrived? */
  async isSending({ sql, by }: Tx, channelId: string, recipients: string[]): Promise<boolean> {
    const sending = await sql(
      `SELECT FROM outbox o JOIN delivery d ON d.id = o.id WHERE o.account_id = $1 AND o.channel_id = $2 AND d.first_tried_at IS NOT NULL AND d.provider_message_id IS NULL
       AND d.recipient ->> 'value' = ANY ($3) LIMIT 1`,
      [by.account, channelId, recipients],
    );
    return sending.length > 0;
  }

  async add({ sql, by, at }: Tx, { id, channelId, providerMessageId, key, waiting }: NewEcho) {
    await sql('INSERT INTO echo (id, account_id, channel_id, provider_message_id, conv_key, waiting, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7)', [
      id, by.account, channelId, providerMessageId, key, waiting && JSON.stringify(waiting), at,
    ]);
    if (waiting) await sql('INSERT INTO echo_waiting (id, account_id, since) VALUES ($1, $2, now())', [id, by.account]);
  }

  /** They are messages of ours. */
  async drop({ sql, by }: Tx, channelId: string, providerIds: string[]) {
    await sql(
      `WITH ours AS (DELETE FROM echo WHERE account_id = $1 AND channel_id = $2 AND provider_message_id = ANY ($3) AND waiting IS NOT NULL RETURNING id)
       DELETE FROM echo_waiting w USING ours WHERE w.id = ours.id`,
      [by.account, channelId, providerIds],
    );
  }

  /** Of all accounts. */
  async undecided(): Promise<{ id: string; account: string; isOld: boolean }[]> {
    return this.source.query(`SELECT id, account_id AS account, since < now() - interval '${PATIENCE_MINUTES} minutes' AS "isOld" FROM echo_waiting ORDER BY since, id LIMIT 500`);
  }

  async find({ sql, by }: Tx, id: string): Promise<NewEcho | null> {
    const rows = await sql<NewEcho>('SELECT id, channel_id AS "channelId", provider_message_id AS "providerMessageId", conv_key AS key, waiting FROM echo WHERE id = $1 AND account_id = $2', [id, by.account]);
    return rows[0] ?? null;
  }

  async decided({ sql, by }: Tx, id: string) {
    await sql('UPDATE echo SET waiting = NULL WHERE id = $1 AND account_id = $2', [id, by.account]);
    await sql('DELETE FROM echo_waiting WHERE id = $1', [id]);
  }
}
