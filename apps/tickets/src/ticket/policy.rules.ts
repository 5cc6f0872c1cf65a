import type { ChannelType } from '@parley/contracts/channels';
import type { TicketStatus } from '@parley/contracts/tickets';

export type AfterClose = 'reopen' | 'new' | 'refuse';
/** By what conversations are told apart; `address` is the brand's number, mailbox or handle. */
export type ConversationPart = 'session' | 'thread' | 'profile' | 'address';
export type Policy = {
  /** A ticket is one of these… */
  per: readonly ConversationPart[];
  /** …among all tickets, or among those that are not closed. */
  among: 'all' | 'not closed';
  /** What a closed ticket answers to a message of the customer, and to an agent who would reopen it. */
  closed: { customer: AfterClose; agent: Exclude<AfterClose, 'new'> };
};

/** TKT-2 and TKT-5, whole. Whoever needs to know what a channel does reads this table, in code too. */
export const POLICY = {
  webchat:   { per: ['session'],            among: 'all',        closed: { customer: 'refuse', agent: 'refuse' } },
  email:     { per: ['thread'],             among: 'all',        closed: { customer: 'reopen', agent: 'reopen' } },
  sms:       { per: ['profile', 'address'], among: 'all',        closed: { customer: 'reopen', agent: 'reopen' } },
  instagram: { per: ['profile', 'address'], among: 'not closed', closed: { customer: 'new',    agent: 'refuse' } },
  whatsapp:  { per: ['profile', 'address'], among: 'all',        closed: { customer: 'reopen', agent: 'reopen' } },
} as const satisfies Record<ChannelType, Policy>;

export type MessageKind = 'written' | 'keyword' | 'auto_reply' | 'bulk';

/** Who may open a ticket, and who may stir one: reopen it, wake it, make it unread and waiting (SMS-2, MAIL-4, settled 18). */
export const WEIGHT = {
  written:    { opens: true,  stirs: true },
  keyword:    { opens: false, stirs: false },
  auto_reply: { opens: false, stirs: false },
  bulk:       { opens: true,  stirs: false },
} as const satisfies Record<MessageKind, { opens: boolean; stirs: boolean }>;

export const kindOf = (message: { keyword: string | null; automatic: 'auto_reply' | 'bulk' | null }): MessageKind =>
  message.keyword ? 'keyword' : (message.automatic ?? 'written');

/** What becomes of a message: a ticket is opened, it is put into the found one, or it stands aside. */
export type Arrival = AfterClose | 'append' | 'wake' | 'aside';

/** What a customer's message does. `found` is the newest ticket of its conversation, if there is one. */
export function arrival(channel: ChannelType, kind: MessageKind, found?: { status: TicketStatus; wakeOnReply: boolean } | null): Arrival {
  if (!found) return WEIGHT[kind].opens ? 'new' : 'aside';
  if (!WEIGHT[kind].stirs) return 'append';
  if (found.status === 'closed') return POLICY[channel].closed.customer;
  return found.status === 'snoozed' && found.wakeOnReply ? 'wake' : 'append';
}
