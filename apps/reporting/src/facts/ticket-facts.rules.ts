import type { ChannelType } from '@parley/contracts/channels';
import type { Envelope } from '@parley/contracts/events';
import type { Message } from '@parley/contracts/messages';
import type { MetricName } from '@parley/contracts/reports';
import type { TicketSnapshot } from '@parley/contracts/tickets';

/** What has to be remembered of a ticket to measure what happens to it next. Instants are RFC 3339. */
export type TicketFact = {
  ticketId: string;
  number: number;
  channel: ChannelType;
  assigneeId: string | null;
  createdAt: string;
  /** The first customer message, where the clocks start. */
  startedAt: string | null;
  firstResponseAt: string | null;
  /** The last time somebody, not a timer, answered the customer. */
  answeredAt: string | null;
  closes: number;
  /** Of the newest snapshot heard. */
  version: number;
};

/** One value of one metric. (metric, at, id) is its identity: said again, it replaces itself. */
export type MetricValue = {
  metric: MetricName;
  /** Which instant decides the interval it falls into. */
  at: string;
  /** What was measured: a ticket, a message or the event of a close. */
  id: string;
  ticketId: string;
  channel: ChannelType;
  agentId: string | null;
  seconds: number | null;
};

/** Tickets as they are known after some facts, and the values that came of them. */
export type Learned = { tickets: TicketFact[]; values: MetricValue[] };

/**
 * REP-2: what facts, in their order, say about tickets, given what is known of these. The definitions that the API publishes
 * are in `CATALOGUE`. Facts heard in one go or one by one teach the same.
 */
export function learn(known: readonly TicketFact[], facts: readonly Envelope[]): Learned {
  const tickets = new Map(known.map((ticket) => [ticket.ticketId, { ...ticket }]));
  const touched = new Set<TicketFact>();
  const values = new Map<string, MetricValue>();
  const say = (value: MetricValue) => values.set(`${value.metric} ${value.at} ${value.id}`, value);
  for (const fact of facts) {
    const snapshot = snapshotOf(fact);
    const ticket = snapshot ? (tickets.get(snapshot.id) ?? meet(snapshot, tickets, say)) : isAmendment(fact) && tickets.get(fact.ticket ?? '');
    if (!ticket) continue;
    touched.add(ticket);
    if (snapshot && snapshot.version > ticket.version) update(ticket, snapshot, say);
    MEASURED[fact.type]?.(ticket, fact, say);
  }
  return { tickets: [...touched], values: [...values.values()] };
}

type Say = (value: MetricValue) => void;

/** The facts that start or stop a clock. */
const MEASURED: Record<string, (ticket: TicketFact, fact: Envelope, say: Say) => void> = {
  'message.received': (ticket, fact) => {
    ticket.startedAt ??= messageOf(fact).receivedAt;
  },

  'message.sent': (ticket, fact, say) => {
    const { id, author } = messageOf(fact);
    if (author.type === 'agent' || author.type === 'ai_agent') ticket.answeredAt = fact.time;
    if (author.type !== 'agent') return;
    const reply = { at: fact.time, id, agentId: personOf(author.id) };
    say(value(ticket, 'replies', reply));
    if (ticket.firstResponseAt !== null || ticket.startedAt === null) return;
    ticket.firstResponseAt = fact.time;
    say(value(ticket, 'first-response-time', { ...reply, seconds: seconds(ticket.startedAt, fact.time) }));
  },

  // What the brand writes in a provider's own app is an answer, and nobody's here; told again, it stays at its time.
  'message.updated': (ticket, fact) => {
    const { author, receivedAt } = messageOf(fact);
    if (author.type === 'external' && (ticket.answeredAt === null || receivedAt > ticket.answeredAt)) ticket.answeredAt = receivedAt;
  },

  'ticket.closed': (ticket, fact, say) => {
    const close = { at: fact.time, id: fact.id, agentId: fact.actor.type === 'agent' ? personOf(fact.actor.id) : null };
    // A timer waits before it closes; that wait is nobody's work. An integration that closes has an id.
    const over = fact.actor.type === 'automation' && fact.actor.id === null ? (ticket.answeredAt ?? fact.time) : fact.time;
    const taken = { ...close, seconds: seconds(ticket.startedAt ?? ticket.createdAt, over) };
    say(value(ticket, 'closes', close));
    say(value(ticket, 'resolution-time', taken));
    if (ticket.closes++ === 0) say(value(ticket, 'first-resolution-time', taken));
  },
};

const isAmendment = ({ type }: Envelope) => type === 'message.updated';

/** Facts about a ticket carry the whole ticket, but for those about one message: as their data, or beside a message. */
function snapshotOf({ type, data }: Envelope): TicketSnapshot | null {
  if (type.startsWith('ticket.')) return data as unknown as TicketSnapshot;
  if (type === 'message.received' || type === 'message.sent') return data.ticket as TicketSnapshot;
  return null;
}

function meet(snapshot: TicketSnapshot, tickets: Map<string, TicketFact>, say: Say): TicketFact {
  const { id: ticketId, number, channel, assigneeId, createdAt, version } = snapshot;
  const ticket: TicketFact = { ticketId, number, channel, assigneeId, createdAt, version, startedAt: null, firstResponseAt: null, answeredAt: null, closes: 0 };
  tickets.set(ticketId, ticket);
  say(volume(ticket));
  return ticket;
}

function update(ticket: TicketFact, { version, assigneeId }: TicketSnapshot, say: Say) {
  const given = assigneeId !== ticket.assigneeId;
  Object.assign(ticket, { version, assigneeId });
  if (given) say(volume(ticket));
}

/** People have UUIDs; credit goes to nobody else. */
const personOf = (id: string | null) => (id !== null && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? id : null);

const messageOf = (fact: Envelope) => fact.data.message as Message;

const volume = (ticket: TicketFact) => value(ticket, 'ticket-volume', { at: ticket.createdAt, id: ticket.ticketId, agentId: ticket.assigneeId });

const value = (ticket: TicketFact, metric: MetricName, measured: Pick<MetricValue, 'at' | 'id' | 'agentId'> & { seconds?: number }): MetricValue => ({
  metric, ticketId: ticket.ticketId, channel: ticket.channel, seconds: null, ...measured,
});

/** The clocks of two databases may differ a little: nothing takes less than no time. */
const seconds = (from: string, to: string) => Math.max(0, Date.parse(to) - Date.parse(from)) / 1000;
