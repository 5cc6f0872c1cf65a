import { z } from 'zod';
import { DeliveryState, Failure } from './channels.js';
import { Id, Instant, PageInput, page, request } from './contract.js';

/** What a provider told of a message that is none of ours as far as we know: kept for 30 days, so that the books of both sides can be compared. */
export const UnmatchedStatus = z
  .object({ providerMessageId: z.string(), state: DeliveryState, failure: Failure.nullable(), occurredAt: Instant, receivedAt: Instant })
  .meta({ id: 'UnmatchedStatus' });
export type UnmatchedStatus = z.infer<typeof UnmatchedStatus>;

export const reconciliation = {
  unmatched: request({
    subject: 'channels.books.unmatched', http: 'GET /v1/channels/:id/unmatched-statuses', scope: 'channels:admin',
    summary: 'Callbacks that have waited more than ten minutes for the message they are about, newest first (OPS-6)',
    input: z.strictObject({ id: Id, ...PageInput }), output: page(UnmatchedStatus), errors: ['CHANNEL_NOT_FOUND'],
  }),
};
