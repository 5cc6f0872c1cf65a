import { z } from 'zod';
import { Id, Instant, PageInput, page, request } from './contract.js';
import { event } from './events.js';

/** Something that came by a channel and stands in no thread, and that somebody should look at (OPS-6, MAIL-6, PRO-5). */
export const QuarantineItem = z
  .object({
    id: Id,
    channelId: Id,
    kind: z.enum(['piece', 'mail', 'message', 'blocked']).describe('piece: of a delivery, unreadable; mail: could not be parsed; message: tickets could not, or would not, file it; blocked: its sender is blocked'),
    reason: z.string().nullable(),
    at: Instant.describe('When it came'),
    state: z.enum(['waiting', 'retrying', 'settled']),
    resolution: z.enum(['landed', 'dismissed']).nullable().describe('landed: understood on a retry, its outcome stands in the books'),
    attempts: z.int().nonnegative(),
    triedAt: Instant.nullable(),
  })
  .meta({ id: 'QuarantineItem' });
export type QuarantineItem = z.infer<typeof QuarantineItem>;

/** Longest piece of the bytes that is shown. */
export const EXCERPT_BYTES = 4096;

export const QuarantineItemInFull = QuarantineItem.extend({
  bytes: z
    .object({ id: Id, method: z.string(), contentType: z.string().nullable(), sizeBytes: z.int().nonnegative(), excerpt: z.string().describe(`As text, the first ${EXCERPT_BYTES} bytes`) })
    .nullable()
    .describe('What came in; null: there are no bytes (web chat), or they are no longer kept'),
}).meta({ id: 'QuarantineItemInFull' });

const One = z.strictObject({ id: Id, itemId: Id });

export const quarantine = {
  list: request({
    subject: 'channels.quarantine.list', http: 'GET /v1/channels/:id/quarantine', scope: 'channels:admin', summary: 'What came by this channel and waits for somebody, newest first',
    input: z.strictObject({ id: Id, ...PageInput }), output: page(QuarantineItem), errors: ['CHANNEL_NOT_FOUND'],
  }),
  get: request({
    subject: 'channels.quarantine.get', http: 'GET /v1/channels/:id/quarantine/:itemId', scope: 'channels:admin', summary: 'One of them, with a piece of the bytes that came in',
    input: One, output: QuarantineItemInFull, errors: ['QUARANTINE_ITEM_NOT_FOUND'],
  }),
  retry: request({
    subject: 'channels.quarantine.retry', http: 'POST /v1/channels/:id/quarantine/:itemId/retry', scope: 'channels:admin',
    summary: 'Translate it again from its bytes: it lands once, and its new outcome takes the place of `quarantined` in the books. Mails and messages are taken up within seconds: see state',
    input: One, output: QuarantineItem, errors: ['QUARANTINE_ITEM_NOT_FOUND', 'RETRY_NOT_POSSIBLE'],
  }),
  dismiss: request({
    subject: 'channels.quarantine.dismiss', http: 'DELETE /v1/channels/:id/quarantine/:itemId', scope: 'channels:admin',
    summary: 'Nobody needs to look at it any more; in the books it stays quarantined', input: One, output: QuarantineItem, errors: ['QUARANTINE_ITEM_NOT_FOUND'],
  }),
};

export const quarantineEvents = {
  retryAsked: event({
    type: 'channel.message_retry_asked', service: 'channels', version: 1, public: false, summary: 'Somebody wants an accepted message that is in quarantine to be filed again',
    data: z.object({ inboundId: Id, channelId: Id }),
  }),
};
