import type { Data, Event } from '@parley/contracts/events';
import type { ChannelType } from '@parley/contracts/channels';
import { messageEvents } from '@parley/contracts/messages';
import { ticketEvents } from '@parley/contracts/tickets';
import { newId } from '@parley/service/ids';

type Actor = { type: 'customer' | 'agent' | 'automation'; id: string | null };
/** A fact before it is told: with the time at which it happened. */
export type Happening = { event: Event; data: Data<Event>; actor: Actor; at: string };

/** Turns what happens to one ticket into the facts that the tickets service would announce. Times are seconds after `start`. */
export function aTicket({ id = newId(), number = 1, channel = 'sms' as ChannelType, assigneeId = null as string | null, start = '2026-03-01T09:00:00.000Z' } = {}) {
  const facts: Happening[] = [];
  const iso = (seconds: number) => new Date(Date.parse(start) + seconds * 1000).toISOString();
  const ticket = {
    id, number, channel, channelId: newId(), profile: { id: newId(), name: null }, subject: null, status: 'open' as const, snoozedUntil: null, assigneeId, teamId: null, tags: [],
    priority: 'normal' as const, spam: false, unread: true, preview: null, lastSeq: 0, lastMessageAt: start, waitingSince: null, createdAt: start, firstResponseAt: null, closedAt: null,
    language: null, attribution: null, version: 0,
  };
  const changed = () => ({ ...ticket, version: ++ticket.version });
  const message = (seconds: number, direction: 'inbound' | 'outbound', author: { type: string; id: string | null }) => ({
    id: newId(), ticketId: id, seq: ++ticket.lastSeq, direction, author: { ...author, name: null }, text: 'Hello', html: null, truncated: false, attachments: [], keyword: null,
    automatic: null, note: null, delivery: null, occurredAt: iso(seconds), receivedAt: iso(seconds), readAt: null,
  });
  const route = { channelId: ticket.channelId, channel, to: { type: 'phone', value: '+15005550100', verified: true }, toName: null, sessionId: null, threadId: null, subject: null };
  const tell = (event: Event, seconds: number, actor: Actor, data: unknown) => {
    facts.push({ event, data: data as Data<Event>, actor, at: iso(seconds) });
    return self;
  };
  const customer: Actor = { type: 'customer', id: null };
  const agent = (person: string): Actor => ({ type: 'agent', id: person });
  const self = {
    id, facts,
    opens: (seconds: number) => tell(ticketEvents.created, seconds, customer, changed()).customerWrites(seconds),
    customerWrites: (seconds: number) => tell(messageEvents.received, seconds, customer, { message: message(seconds, 'inbound', { type: 'customer', id: null }), ticket: changed(), sessionId: null }),
    agentReplies: (seconds: number, person: string) => tell(messageEvents.sent, seconds, agent(person), { message: message(seconds, 'outbound', { type: 'agent', id: person }), ticket: changed(), route }),
    answersItself: (seconds: number, author: 'ai_agent' | 'automation') => tell(messageEvents.sent, seconds, { type: 'automation', id: null }, { message: message(seconds, 'outbound', { type: author, id: null }), ticket: changed(), route }),
    isAnsweredElsewhere: (seconds: number) => tell(messageEvents.updated, seconds, { type: 'automation', id: null }, { message: message(seconds, 'outbound', { type: 'external', id: null }) }),
    isReactedTo: (seconds: number) => tell(messageEvents.updated, seconds, customer, { message: message(seconds, 'inbound', { type: 'customer', id: null }) }),
    isAssigned: (seconds: number, person: string | null) => tell(ticketEvents.assigned, seconds, agent(person ?? newId()), (Object.assign(ticket, { assigneeId: person }), changed())),
    isClosedBy: (seconds: number, person: string) => tell(ticketEvents.closed, seconds, agent(person), changed()),
    isClosedByTimer: (seconds: number) => tell(ticketEvents.closed, seconds, { type: 'automation', id: null }, changed()),
    isClosedByIntegration: (seconds: number) => tell(ticketEvents.closed, seconds, { type: 'automation', id: newId() }, changed()),
    isReopened: (seconds: number) => tell(ticketEvents.reopened, seconds, customer, changed()),
  };
  return self;
}
