import type { ChannelType, ConsentKind, Identifier } from '@parley/contracts/channels';
import type { ConsentState } from '@parley/contracts/profiles';
import type { Priority, TicketSnapshot, TicketStatus } from '@parley/contracts/tickets';

/** Priorities by rank: the column holds the place, so that lists sort by it. */
export const PRIORITIES: readonly Priority[] = ['low', 'normal', 'high', 'urgent'];

/**
 * Timers of a ticket by kind (TIME-5): the copy that decisions read; for ringing the alarm's own rows are the truth. One
 * that a person called off stays here, so that it is not set again for the same instant.
 */
export type Timetable = Partial<Record<'snooze' | 'auto_close' | 'follow_up', { dueAt: string; generation: number; calledOff?: true }>>;

/** What may change of a ticket after it was opened, by column. */
export const CHANGING = [
  'subject', 'status', 'snoozed_until', 'wake_on_reply', 'open_since', 'assignee_id', 'team_id', 'tags', 'priority', 'spam', 'unread', 'preview',
  'last_seq', 'last_message_at', 'last_inbound_seq', 'last_inbound_at', 'last_agent_seq', 'last_agent_at', 'answered_at', 'waiting_since',
  'first_response_at', 'closed_at', 'attribution', 'customer', 'chat_online', 'chat_since', 'chat_episode', 'read_up_to_seq',
  'timetable', 'countdowns', 'language', 'queued_at', 'version',
] as const;

/** A ticket's row. */
export type TicketRow = {
  id: string;
  accountId: string;
  number: number;
  /** Its place in the log, kept so that the number of partitions may grow (messaging.md D4). */
  partition: number;
  channelType: ChannelType;
  channelId: string;
  profileId: string;
  emailThreadKey: string | null;
  chatSessionId: string | null;
  /** The address its profile last wrote from: where answers go. */
  customer: Identifier;
  subject: string | null;
  status: TicketStatus;
  snoozedUntil: Date | null;
  wakeOnReply: boolean;
  /** When it was last opened, reopened or woken. */
  openSince: Date;
  assigneeId: string | null;
  teamId: string | null;
  tags: string[];
  priority: number;
  spam: boolean;
  unread: boolean;
  preview: string | null;
  lastSeq: number;
  lastMessageAt: Date;
  lastInboundSeq: number;
  lastInboundAt: Date;
  /** When the provider last said that it takes no answers now (TKT-11). */
  windowClosedAt: Date | null;
  lastAgentSeq: number;
  lastAgentAt: Date | null;
  /** When anybody, or anything, last wrote to the customer (TIME-3). */
  answeredAt: Date | null;
  waitingSince: Date | null;
  createdAt: Date;
  firstResponseAt: Date | null;
  closedAt: Date | null;
  language: string | null;
  /** Since when it waits for somebody to be free (RTE-5). */
  queuedAt: Date | null;
  /** TKT-22: the ticket that answers in its place; and the one it was split from. */
  mergedInto: string | null;
  splitFrom: string | null;
  attribution: Record<string, unknown> | null;
  /** Web chat (CHAT-8, CHAT-10); null where nothing is known. */
  chatOnline: boolean | null;
  chatSince: Date | null;
  chatEpisode: number;
  readUpToSeq: number;
  timetable: Timetable;
  /** How many countdowns have begun: the generation of the next timer. */
  countdowns: number;
  version: number;
};

/** A ticket with its customer's name: what its snapshot needs. */
export type NamedTicket = TicketRow & { profileName: string | null };

/** A ticket with what decisions about it need from its customer and its channel. */
export type TicketEntity = NamedTicket & {
  profileBlocked: boolean;
  profileConsents: Partial<Record<ConsentKind, ConsentState>>;
  profileTimezone: string | null;
  channelEnabled: boolean;
  humanAgent: boolean;
};

/** What a ticket of events shows. */
export const toSnapshot = (ticket: NamedTicket): TicketSnapshot => ({
  id: ticket.id,
  number: ticket.number,
  channel: ticket.channelType,
  channelId: ticket.channelId,
  profile: { id: ticket.profileId, name: ticket.profileName },
  subject: ticket.subject,
  status: ticket.status,
  snoozedUntil: iso(ticket.snoozedUntil),
  assigneeId: ticket.assigneeId,
  teamId: ticket.teamId,
  tags: ticket.tags,
  priority: PRIORITIES[ticket.priority] ?? 'normal',
  spam: ticket.spam,
  unread: ticket.unread,
  preview: ticket.preview,
  lastSeq: ticket.lastSeq,
  lastMessageAt: ticket.lastMessageAt.toISOString(),
  waitingSince: iso(ticket.waitingSince),
  createdAt: ticket.createdAt.toISOString(),
  firstResponseAt: iso(ticket.firstResponseAt),
  closedAt: iso(ticket.closedAt),
  language: ticket.language,
  attribution: ticket.attribution,
  version: ticket.version,
});

/** Only what nobody has can wait for somebody. */
const mayWait = ({ assigneeId, status, spam }: TicketRow) => assigneeId === null && status !== 'closed' && !spam;

const iso = (at: Date | null) => at?.toISOString() ?? null;

/** Columns and their values for the statement that saves a ticket; in the order of `CHANGING`. */
export const valuesOf = (ticket: TicketRow) =>
  [
    ticket.subject, ticket.status, ticket.snoozedUntil, ticket.wakeOnReply, ticket.openSince, ticket.assigneeId, ticket.teamId, ticket.tags, ticket.priority,
    ticket.spam, ticket.unread, ticket.preview, ticket.lastSeq, ticket.lastMessageAt, ticket.lastInboundSeq, ticket.lastInboundAt, ticket.lastAgentSeq,
    ticket.lastAgentAt, ticket.answeredAt, ticket.waitingSince, ticket.firstResponseAt, ticket.closedAt, ticket.attribution, ticket.customer, ticket.chatOnline, ticket.chatSince,
    ticket.chatEpisode, ticket.readUpToSeq, ticket.timetable, ticket.countdowns,
    ticket.language, mayWait(ticket) ? ticket.queuedAt : null, ticket.version,
  ] as const satisfies { length: (typeof CHANGING)['length'] };
