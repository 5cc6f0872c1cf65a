import { z } from 'zod';
import { Id, Instant, Locale, request } from './contract.js';
import { event } from './events.js';

/** TIME-5: what will happen, when and why. */
export const Timer = z
  .object({
    id: Id, kind: z.string(), ticketId: Id.nullable(), dueAt: Instant,
    reason: z.record(z.string(), z.unknown()), state: z.enum(['pending', 'running', 'done', 'cancelled', 'failed']),
  })
  .meta({ id: 'Timer' });
export type Timer = z.infer<typeof Timer>;

export const timers = {
  list: request({
    subject: 'tickets.timer.list', http: 'GET /v1/tickets/:id/timers', scope: 'tickets:read', summary: 'What the clock will do with this ticket, newest first',
    input: z.strictObject({ id: Id }), output: z.object({ items: z.array(Timer), nextCursor: z.null() }), errors: ['TICKET_NOT_FOUND'],
  }),
  cancel: request({
    subject: 'tickets.timer.cancel', http: 'DELETE /v1/timers/:id', scope: 'tickets:write', summary: 'Call a timer off',
    input: z.strictObject({ id: Id }), output: Timer, errors: ['TIMER_NOT_FOUND', 'TIMER_OVER'],
  }),
};

const Scheduled = z.object({ timer: Timer });
export const timerEvents = {
  followUpScheduled: event({ type: 'follow_up.scheduled', service: 'tickets', version: 1, public: true, summary: 'A follow-up e-mail will go out unless the visitor comes back (TIME-1)', data: Scheduled }),
  autoCloseScheduled: event({ type: 'auto_close.scheduled', service: 'tickets', version: 1, public: true, summary: 'The ticket will close by itself (TIME-3)', data: Scheduled }),
  followUpDue: event({
    type: 'follow_up.due', service: 'tickets', version: 1, public: false, summary: 'A follow-up e-mail is due; notifications renders and sends it',
    data: z.object({
      timerId: Id, ticketId: Id, sessionId: Id, channelId: Id,
      to: z.object({ email: z.email(), name: z.string().nullable() }),
      locale: Locale,
      from: z.email().nullable(), replyTo: z.email().nullable(),
      siteUrl: z.string().nullable(),
      recap: z.array(z.object({ author: z.enum(['customer', 'agent', 'ai_agent', 'automation', 'external']), name: z.string().nullable(), text: z.string(), at: Instant })).describe('The recent conversation, without notes'),
    }),
  }),
};
