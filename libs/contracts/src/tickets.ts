import { z } from 'zod';
import { ChannelType } from './channels.js';
import { Id, IfMatch, Instant, Locale, PageInput, QueryFlag, TimeZone, page, request, text } from './contract.js';
import { event } from './events.js';

export const TicketStatus = z.enum(['open', 'snoozed', 'closed']).meta({ id: 'TicketStatus' });
export type TicketStatus = z.infer<typeof TicketStatus>;
export const Priority = z.enum(['low', 'normal', 'high', 'urgent']).meta({ id: 'Priority' });
export type Priority = z.infer<typeof Priority>;

/** A ticket as it stands in events: everything of TKT-7. */
export const TicketSnapshot = z
  .object({
    id: Id,
    number: z.int().positive().describe('Counted per account'),
    channel: ChannelType,
    channelId: Id,
    profile: z.object({ id: Id, name: z.string().nullable() }),
    subject: z.string().nullable(),
    status: TicketStatus,
    snoozedUntil: Instant.nullable(),
    assigneeId: Id.nullable(),
    teamId: Id.nullable(),
    tags: z.array(z.string()),
    priority: Priority,
    spam: z.boolean(),
    unread: z.boolean(),
    preview: z.string().nullable().describe('Beginning of the last message'),
    lastSeq: z.int().nonnegative().describe('Number of the newest message'),
    lastMessageAt: Instant,
    waitingSince: Instant.nullable().describe('Since when the customer waits for an answer'),
    createdAt: Instant,
    firstResponseAt: Instant.nullable(),
    closedAt: Instant.nullable(),
    language: Locale.nullable(),
    attribution: z.record(z.string(), z.unknown()).nullable(),
    version: z.int().positive().describe('The ETag; send it back as If-Match'),
  })
  .meta({ id: 'TicketSnapshot' });
export type TicketSnapshot = z.infer<typeof TicketSnapshot>;

/** What an agent should know before they answer; nothing is refused for it. */
export const ReplyWarning = z
  .object({
    kind: z.literal('quiet_hours').describe('SMS-7: before 08:00 or after 20:00 where the recipient may be'), timezone: TimeZone,
    localTime: z.string().describe('Theirs, with its offset from UTC'), sendAt: Instant.describe('In the morning: as sendAt of a reply'),
  })
  .meta({ id: 'ReplyWarning' });
export type ReplyWarning = z.infer<typeof ReplyWarning>;

/** TKT-11: may somebody answer now, why not, and until when. */
export const CanReply = z
  .object({
    allowed: z.boolean(),
    reason: z.enum(['chat_closed', 'no_consent', 'opted_out', 'window_closed', 'blocked', 'not_addressable', 'channel_off']).nullable(),
    until: Instant.nullable(),
    warnings: z.array(ReplyWarning).optional().describe('Absent: none'),
  })
  .meta({ id: 'CanReply' });
export type CanReply = z.infer<typeof CanReply>;

/** Web chat: whether the visitor is there, and whether a follow-up e-mail will go out (CHAT-10, TIME-1). */
export const Presence = z.object({ online: z.boolean(), since: Instant, followUpDueAt: Instant.nullable() }).meta({ id: 'Presence' });

export const Ticket = TicketSnapshot.extend({ canReply: CanReply, presence: Presence.nullable() }).meta({ id: 'Ticket' });
export type Ticket = z.infer<typeof Ticket>;

export const TicketSort = z.enum(['last_message', 'created', 'waiting', 'priority']).meta({ id: 'TicketSort' });
export type TicketSort = z.infer<typeof TicketSort>;

/** What narrows a view (TKT-15). Saved views hold the same fields. */
export const TicketFields = {
  status: TicketStatus.optional().describe('Takes the place of the view’s own'),
  channel: ChannelType.optional(),
  unread: QueryFlag.optional(),
  assigneeId: Id.optional(),
  teamId: Id.optional(),
  tag: text(64).optional(),
  profileId: Id.optional(),
  segmentId: Id.optional().describe('Of customers who are in this segment'),
  campaignId: text(200).optional().describe('Attributed to this campaign'),
  flowId: text(200).optional().describe('Attributed to this flow'),
  createdFrom: Instant.optional(),
  createdTo: Instant.optional().describe('Exclusive'),
  lastMessageFrom: Instant.optional(),
  lastMessageTo: Instant.optional().describe('Exclusive'),
  q: text(200).optional().describe('Found by these words, as GET /v1/search finds; of the newest 2,000 hits'),
};
export const TicketFilter = {
  view: z.union([z.enum(['mine', 'unassigned', 'all', 'spam']), Id.describe('A custom view')]).default('all').describe('TKT-15'),
  ...TicketFields,
  sort: TicketSort.optional().describe('Default: that of the view; of built-in ones last_message'),
};
/** Until when a ticket is put off (TKT-6). */
export const SnoozeFor = {
  preset: z.enum(['later_today', 'tomorrow', 'next_week']).optional(),
  until: Instant.optional().describe('Instead of preset; in the future'),
  wakeOnReply: z.boolean().default(true),
};

const lifecycle = ['TICKET_NOT_FOUND', 'MOVE_NOT_ALLOWED', 'VERSION_STALE', 'VERSION_MISSING'] as const;
const One = z.strictObject({ id: Id, ifMatch: IfMatch });

export const tickets = {
  list: request({
    subject: 'tickets.ticket.list', http: 'GET /v1/tickets', scope: 'tickets:read',
    summary:
      'A view of the inbox, filtered and sorted (TKT-15). A ticket that keeps its place while pages are read is shown exactly once; one that moves may be seen at its new place, or when the list is read again. A page looks at a bounded number of tickets: it may be short, even empty, and still have a nextCursor',
    input: z.strictObject({ ...TicketFilter, ...PageInput }), output: page(Ticket), errors: ['VIEW_NOT_FOUND'],
  }),
  get: request({
    subject: 'tickets.ticket.get', http: 'GET /v1/tickets/:id', scope: 'tickets:read', summary: 'A ticket',
    input: z.strictObject({ id: Id }), output: Ticket, errors: ['TICKET_NOT_FOUND'],
  }),
  update: request({
    subject: 'tickets.ticket.update', http: 'PATCH /v1/tickets/:id', scope: 'tickets:write', summary: 'Assign, prioritise or rename',
    input: z.strictObject({ id: Id, ifMatch: IfMatch, assigneeId: Id.nullable().optional(), teamId: Id.nullable().optional(), priority: Priority.optional(), subject: text(500).nullable().optional() }),
    output: Ticket, errors: ['TICKET_NOT_FOUND', 'USER_NOT_FOUND', 'TEAM_NOT_FOUND', 'VERSION_STALE', 'VERSION_MISSING'],
  }),
  close: request({
    subject: 'tickets.ticket.close', http: 'PUT /v1/tickets/:id/closure', scope: 'tickets:write', summary: 'Close a ticket', input: One, output: Ticket, errors: lifecycle,
  }),
  reopen: request({
    subject: 'tickets.ticket.reopen', http: 'DELETE /v1/tickets/:id/closure', scope: 'tickets:write', summary: 'Reopen a ticket, where its channel allows it (TKT-5)', input: One, output: Ticket, errors: lifecycle,
  }),
  snooze: request({
    subject: 'tickets.ticket.snooze', http: 'PUT /v1/tickets/:id/snooze', scope: 'tickets:write', summary: 'Put off until a preset or an instant (TKT-6)',
    input: One.extend(SnoozeFor),
    output: Ticket, errors: lifecycle,
  }),
  wake: request({
    subject: 'tickets.ticket.wake', http: 'DELETE /v1/tickets/:id/snooze', scope: 'tickets:write', summary: 'End a snooze', input: One, output: Ticket, errors: lifecycle,
  }),
  markUnread: request({
    subject: 'tickets.ticket.mark-unread', http: 'PUT /v1/tickets/:id/unread', scope: 'tickets:write', summary: 'Mark as unread (TKT-17); needs no If-Match: repeating it changes nothing',
    input: z.strictObject({ id: Id, ifMatch: IfMatch.optional() }), output: Ticket, errors: ['TICKET_NOT_FOUND', 'VERSION_STALE'],
  }),
  markRead: request({
    subject: 'tickets.ticket.mark-read', http: 'DELETE /v1/tickets/:id/unread', scope: 'tickets:write', summary: 'Mark as read; needs no If-Match',
    input: z.strictObject({ id: Id, ifMatch: IfMatch.optional() }), output: Ticket, errors: ['TICKET_NOT_FOUND', 'VERSION_STALE'],
  }),
  badge: request({
    subject: 'tickets.inbox.badge', http: 'GET /v1/inbox/badge', scope: 'tickets:read', summary: 'The number to show (TKT-17)',
    input: z.strictObject({}), output: z.object({ unreadProfiles: z.int(), unreadTickets: z.int(), enabled: z.boolean() }), errors: [],
  }),
};

const changedTicket = (type: string, summary: string) => event({ type, service: 'tickets' as const, version: 1, public: true, summary, data: TicketSnapshot });
export const ticketEvents = {
  created: changedTicket('ticket.created', 'A customer opened a ticket'),
  updated: changedTicket('ticket.updated', 'Priority, subject, team, read state or another field changed'),
  assigned: changedTicket('ticket.assigned', 'The ticket was given to somebody, or to nobody'),
  closed: changedTicket('ticket.closed', 'A ticket was closed, by an agent, the visitor or a timer'),
  reopened: changedTicket('ticket.reopened', 'A closed ticket is open again'),
  snoozed: changedTicket('ticket.snoozed', 'A ticket was put off'),
  woken: changedTicket('ticket.woken', 'A snoozed ticket is open again'),
};
