import { z } from 'zod';
import { Id, Instant, request } from './contract.js';
import { Envelope, event } from './events.js';

/** Beside it, notifications pushes consecutive envelopes as a JSON array over core NATS on `feed.<account>`: hints, which may be lost. */
export const feed = {
  read: request({
    subject: 'notifications.feed.read', http: 'GET /v1/feed', scope: 'feed:read',
    summary: 'What happened, in order, after a sequence: the same events as over the socket (NTF-3)',
    input: z.strictObject({
      after: z.coerce.number().int().nonnegative().default(0),
      types: z.string().max(1000).optional().describe('Only these types, separated by commas'),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
    output: z.object({ items: z.array(Envelope), nextAfter: z.int().describe('Ask after this next'), head: z.int().describe('The newest sequence of the account') }).meta({ id: 'FeedPage' }),
    errors: ['FEED_EXPIRED'],
  }),
};

export const notificationEvents = {
  followUpSent: event({
    type: 'follow_up.sent', service: 'notifications', version: 1, public: true, summary: 'A follow-up e-mail was handed to the mail server (TIME-1)',
    data: z.object({ timerId: Id, ticketId: Id, sessionId: Id, to: z.string(), messageId: z.string(), sentAt: Instant }),
  }),
  followUpFailed: event({
    type: 'follow_up.failed', service: 'notifications', version: 1, public: true, summary: 'A follow-up e-mail could not be sent',
    data: z.object({ timerId: Id, ticketId: Id, sessionId: Id, reason: z.string() }),
  }),
};
