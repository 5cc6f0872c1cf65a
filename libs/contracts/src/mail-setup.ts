import { z } from 'zod';
import { Id, Instant, request } from './contract.js';

/** An address that answers of an e-mail channel may leave from, once somebody has shown that its mail reaches them. */
export const MailSender = z
  .object({
    id: Id, address: z.string(),
    verified: z.boolean(),
    askedAt: Instant.describe('When the last code was mailed to it'),
    verifiedAt: Instant.nullable(),
  })
  .meta({ id: 'MailSender' });
export type MailSender = z.infer<typeof MailSender>;

/** A mail server asks whether the brand’s mail may be forwarded to us. Whoever set it up enters the code or follows the link: Parley never does. */
export const ForwardingConfirmation = z
  .object({
    id: Id, from: z.string(), subject: z.string().nullable(), code: z.string().nullable(),
    link: z.string().nullable().describe('Only where it leads to the provider itself'),
    receivedAt: Instant,
  })
  .meta({ id: 'ForwardingConfirmation' });
export type ForwardingConfirmation = z.infer<typeof ForwardingConfirmation>;

const Channel = z.strictObject({ id: Id });
const One = z.strictObject({ id: Id, senderId: Id });

export const mailSetup = {
  senders: request({
    subject: 'channels.mail-senders.list', http: 'GET /v1/channels/:id/senders', scope: 'channels:admin',
    summary: 'The addresses that answers may leave from. As long as the channel’s own is not among the verified ones, its generated address stands in',
    input: Channel, output: z.object({ items: z.array(MailSender) }), errors: ['CHANNEL_NOT_FOUND'],
  }),
  addSender: request({
    subject: 'channels.mail-senders.add', http: 'POST /v1/channels/:id/senders', status: 201, scope: 'channels:admin',
    summary: 'Mail a code to an address that answers shall leave from: the channel’s own, or an alias. Asked again: another code',
    input: Channel.extend({ address: z.email().max(254) }), output: MailSender, errors: ['CHANNEL_NOT_FOUND', 'TOO_MANY', 'RATE_LIMITED'],
  }),
  verifySender: request({
    subject: 'channels.mail-senders.verify', http: 'PUT /v1/channels/:id/senders/:senderId/verification', scope: 'channels:admin',
    summary: 'Show that its mail reaches you, by the code. After five wrong ones, or a day, it takes another', input: One.extend({ code: z.string().regex(/^\d{8}$/, 'is no code: eight digits') }), output: MailSender,
    errors: ['SENDER_NOT_FOUND', 'CODE_WRONG'],
  }),
  removeSender: request({
    subject: 'channels.mail-senders.remove', http: 'DELETE /v1/channels/:id/senders/:senderId', scope: 'channels:admin', summary: 'Nothing leaves from this address any more',
    input: One, output: MailSender, errors: ['SENDER_NOT_FOUND'],
  }),
  confirmations: request({
    subject: 'channels.forwarding-confirmations.list', http: 'GET /v1/channels/:id/forwarding-confirmations', scope: 'channels:admin',
    summary: 'What mail servers ask before they forward the brand’s mail to us: the 20 newest of the last 30 days (MAIL-4)', input: Channel, output: z.object({ items: z.array(ForwardingConfirmation) }), errors: ['CHANNEL_NOT_FOUND'],
  }),
};
