import { Injectable } from '@nestjs/common';
import type { channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import type { Tx } from '@parley/service/tx';

/** What is said of a message, by the provider's id of the message. */
export type Said = Pick<Data<typeof channelEvents.messageAmended>, 'by' | 'change'> & { providerMessageId: string; key: string; occurredAt: Date };

/** Amendments that wait for their message. */
@Injectable()
export class AmendmentsRepository {
  async park({ sql, by, at }: Tx, channelId: string, said: Said) {
    await sql(
      'INSERT INTO parked_amendment (account_id, channel_id, provider_message_id, conv_key, by, change, occurred_at, parked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
      [by.account, channelId, said.providerMessageId, said.key, said.by, JSON.stringify(said.change), said.occurredAt, at],
    );
  }

  /** Takes what waits for these messages, in the order it came. */
  async take({ sql, by }: Tx, messages: { channelId: string; providerMessageId: string }[]): Promise<(Said & { channelId: string })[]> {
    const taken = await sql<Said & { channelId: string; n: number }>(
      `DELETE FROM parked_amendment p USING unnest($2::uuid[], $3::text[]) m (channel_id, provider_id)
       WHERE p.account_id = $1 AND p.channel_id = m.channel_id AND p.provider_message_id = m.provider_id
       RETURNING p.n, p.channel_id AS "channelId", p.provider_message_id AS "providerMessageId", p.conv_key AS key, p.by, p.change, p.occurred_at AS "occurredAt"`,
      [by.account, messages.map(({ channelId }) => channelId), messages.map(({ providerMessageId }) => providerMessageId)],
    );
    return taken.sort((a, b) => a.n - b.n);
  }
}
