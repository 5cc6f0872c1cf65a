import { Injectable } from '@nestjs/common';
import type { AcceptedMessage } from '@parley/contracts/channels';
import { messageEvents } from '@parley/contracts/messages';
import { ticketEvents } from '@parley/contracts/tickets';
import { announce, type Tx } from '@parley/service/tx';
import { byItself } from '../assignment/assignment.service.js';
import type { NewDecision } from '../explain/history.entity.js';
import { ConsentsService } from '../profiles/consents.service.js';
import { spelled } from '../profiles/identifier.rules.js';
import { IdentityService } from '../profiles/identity.service.js';
import { POLICY, WEIGHT, arrival, kindOf, type Arrival } from '../ticket/policy.rules.js';
import { toSnapshot, type NamedTicket } from '../ticket/ticket.entity.js';
import { TicketsService, reopen, wake } from '../ticket/tickets.service.js';
import { amendedArrival, type Amended } from './amendment.rules.js';
import { AmendmentsRepository } from './amendments.repository.js';
import { AutoResponderService } from './auto-responder.service.js';
import type { LastSent } from './campaign.rules.js';
import { CampaignsService } from './campaigns.service.js';
import { ChatsService } from './chats.service.js';
import { HeldMessagesRepository, type HeldMessage, type Why } from './held-messages.repository.js';
import { toMessage, type MessageEntity } from './message.entity.js';
import { MessagesRepository, type Person, type Place } from './messages.repository.js';
import { preview } from './preview.rules.js';
import { TriageService } from './triage.service.js';

/** What becomes of messages that join no thread, in the books (OPS-6). */
const OUTCOMES = {
  keyword: { outcome: 'keyword', reason: null },
  blocked: { outcome: 'blocked', reason: null },
  automatic: { outcome: 'quarantined', reason: 'an automatic answer to no thread of ours' },
  spam: { outcome: 'spam', reason: null },
} as const satisfies Record<Exclude<Why, 'echo'> | 'spam', { outcome: string; reason: string | null }>;

/** A message on its way into its thread, and what a campaign had sent before it. */
type Arrived = HeldMessage & { lastSent: LastSent | null };

/** Puts what customers write into its ticket (TKT-2 to TKT-6, TKT-8): once, in order, in exactly one place. */
@Injectable()
export class ConversationService {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly held: HeldMessagesRepository,
    private readonly amendments: AmendmentsRepository,
    private readonly tickets: TicketsService,
    private readonly identity: IdentityService,
    private readonly consents: ConsentsService,
    private readonly chats: ChatsService,
    private readonly campaigns: CampaignsService,
    private readonly triage: TriageService,
    private readonly responder: AutoResponderService,
  ) {}

  async receive(tx: Tx, accepted: AcceptedMessage, sourceEventId: string): Promise<void> {
    const { isKnown, isAmended, person, ticket, lastSent } = await this.place(tx, accepted);
    if (isKnown) return;
    const message = isAmended ? amendedArrival(accepted, await this.amendments.take(tx, accepted.inboundId)) : accepted;
    const does = arrival(message.channel, kindOf(message), ticket);
    const arrived = { message, sourceEventId, lastSent };
    if (!person) return this.hold(tx, 'automatic', null, arrived);
    if (person.blocked || (does !== 'append' && (await this.identity.isBlocked(tx, person.id)))) return this.hold(tx, 'blocked', person, arrived);
    if (message.keyword && (await this.held.isHeld(tx, message.inboundId))) return;
    await this.identity.hearOf(tx, person, message);
    if (message.keyword) await this.consents.keyword(tx, person.id, message);
    await this.file(tx, does, { ...arrived, person, ticket });
  }

  private file(tx: Tx, does: Arrival, { ticket, person, ...arrived }: Arrived & { person: Person; ticket: NamedTicket | null }): Promise<void> | void {
    if (does === 'refuse') return filed(tx, arrived.message, ticket, { outcome: 'refused', reason: 'the chat is closed' });
    if (does === 'aside') return this.hold(tx, arrived.message.keyword ? 'keyword' : 'automatic', person, arrived);
    if (does === 'new') return this.open(tx, person, arrived);
    return this.append(tx, ticket!, person, arrived, does);
  }

  /** Where it belongs. Only an automatic answer to nothing comes from nobody. */
  private async place(tx: Tx, message: AcceptedMessage): Promise<Place> {
    for (;;) {
      const place = await this.messages.place(tx, POLICY[message.channel], message, spelled(message.from[0]!));
      if (place.redirect) place.ticket = await this.tickets.lock(tx, place.redirect);
      if (place.isKnown || place.person || (message.automatic === 'auto_reply' && !place.ticket)) return place;
      const profile = await this.identity.meet(tx, message);
      if (profile) return { ...place, person: profile };
    }
  }

  /** Opens a ticket with the message; where somebody else has just opened it (TKT-3), the message is placed again. */
  private async open(tx: Tx, person: Person, arrived: Arrived): Promise<void> {
    const { message } = arrived;
    const row = await this.tickets.open(tx, {
      channelType: message.channel, channelId: message.channelId, profileId: person.id, emailThreadKey: message.threadId, chatSessionId: message.sessionId,
      customer: spelled(message.from[0]!), subject: message.subject, language: message.locale, createdAt: new Date(message.receivedAt),
    });
    if (!row) {
      await this.chats.endOthers(tx, person.id, message);
      return this.receive(tx, message, arrived.sourceEventId);
    }
    const ticket: NamedTicket & { deskVersion: number | null } = { ...row, profileName: person.name, lastInboundAt: sentAt(message) };
    await this.chats.rememberPresence(tx, ticket);
    await this.putEarlier(tx, ticket, person);
    await this.append(tx, ticket, person, arrived, 'new');
  }

  /** Keywords and campaign messages of before the first ticket stand in its thread from now on, in their order (settled 11, TKT-9). */
  private async putEarlier(tx: Tx, ticket: NamedTicket, person: Person): Promise<void> {
    const keywords = await this.held.takeKeywords(tx, person.id, ticket.channelId);
    const earlier = [...keywords.map((keyword) => inbound(ticket, person, keyword)), ...(await this.campaigns.take(tx, ticket))];
    for (const message of earlier.sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime())) {
      ticket.lastSeq += 1;
      await this.messages.insert(tx, { ...message, seq: ticket.lastSeq });
    }
  }

  private async append(tx: Tx, ticket: NamedTicket & { deskVersion?: number | null }, person: Person, arrived: Arrived, does: Arrival): Promise<void> {
    const { message } = arrived;
    const before = toSnapshot(ticket);
    const facts = does === 'new' ? [ticketEvents.created] : does === 'reopen' ? [reopen(tx, ticket, 'customer')] : does === 'wake' ? [wake(tx, ticket, 'customer')] : [];
    if (ticket.profileId === person.id) Object.assign(ticket, { profileName: person.name, customer: spelled(message.from[0]!) });
    note(ticket, message, does === 'new' || WEIGHT[kindOf(message)].stirs);
    const attributed = ticket.attribution;
    ticket.attribution = (await this.campaigns.attribution(tx, message, arrived.lastSent)) ?? ticket.attribution;
    const untriaged = toSnapshot(ticket);
    const { decisions, language, tags, ...itself } = await this.triage.of(tx, ticket, { message, does, found: does === 'new' ? null : before.status, deskVersion: ticket.deskVersion });
    const entity = { ...inbound(ticket, person, arrived), language };
    await this.tickets.arrange(tx, ticket);
    if (does !== 'new') ticket.version += 1;
    await this.messages.append(tx, ticket, entity);
    if (ticket.attribution !== attributed) decisions.push(attribution(ticket.attribution));
    await this.tickets.tell(tx, ticket, does === 'new' ? undefined : before, facts, decisions);
    await this.tickets.tell(tx, ticket, untriaged, itself.facts, [], byItself(tx));
    announce(tx, messageEvents.received, {
      key: ticket.id, partition: ticket.partition, ticket: ticket.id, data: { message: toMessage(entity), ticket: toSnapshot(ticket), sessionId: message.sessionId },
    });
    // After it: to the books the later word counts.
    if (message.keyword) filed(tx, message, ticket, OUTCOMES.keyword);
    if (ticket.spam) filed(tx, message, ticket, OUTCOMES.spam);
    await this.triage.tag(tx, ticket.id, tags);
    await this.responder.answer(tx, ticket, message);
  }

  private async hold(tx: Tx, why: keyof typeof OUTCOMES & Why, person: Person | null, arrived: HeldMessage): Promise<void> {
    if (await this.held.hold(tx, why, person?.id ?? null, arrived)) filed(tx, arrived.message, null, OUTCOMES[why]);
  }
}

/** Tells the books what became of a message that joined no thread. */
function filed(tx: Tx, message: AcceptedMessage, ticket: NamedTicket | null, outcome: { outcome: 'keyword' | 'blocked' | 'spam' | 'quarantined' | 'refused'; reason: string | null }): void {
  announce(tx, messageEvents.filed, {
    key: ticket?.id ?? message.conversationKey, partition: ticket?.partition, ticket: ticket?.id ?? null, data: { inboundId: message.inboundId, ...outcome },
  });
}

/** What the ticket remembers of a message; one that stirs makes it unread, and the customer waits from then on (TKT-17). */
function note(ticket: NamedTicket, message: Amended, stirs: boolean): void {
  const receivedAt = new Date(message.receivedAt);
  const seq = ticket.lastSeq + 1;
  Object.assign(ticket, {
    lastSeq: seq,
    lastInboundSeq: seq,
    lastMessageAt: latest(ticket.lastMessageAt, receivedAt),
    lastInboundAt: latest(ticket.lastInboundAt, sentAt(message)),
    preview: preview(message),
  });
  if (stirs) Object.assign(ticket, { unread: true, waitingSince: ticket.waitingSince ?? receivedAt });
}

/** SMS-5: why the answer is that of a campaign or a flow. */
const attribution = (found: NamedTicket['attribution']): NewDecision => {
  const { name: _, ...inputs } = found ?? {};
  return { kind: 'attribution', rule: 'SMS-5', ruleVersion: 1, inputs, outcome: { campaignId: inputs['campaignId'] ?? null, flowId: inputs['flowId'] ?? null } };
};

/** The provider's time; a provider whose clock is ahead does not stretch the window of 24 hours. */
const sentAt = ({ occurredAt, receivedAt }: AcceptedMessage) => new Date(Math.min(Date.parse(occurredAt), Date.parse(receivedAt)));

const latest = (a: Date, b: Date) => (a > b ? a : b);

const inbound = (ticket: NamedTicket, person: Person, { message, sourceEventId }: HeldMessage): MessageEntity => ({
  id: message.inboundId, accountId: ticket.accountId, ticketId: ticket.id, seq: ticket.lastSeq, direction: 'inbound',
  authorType: 'customer', authorId: person.id, authorName: person.name ?? message.name,
  text: message.text, html: message.html, truncated: message.truncated, attachments: message.attachments,
  keyword: message.keyword, automatic: message.automatic, note: message.note, deliveryState: null, deliveryFailure: null,
  occurredAt: new Date(message.occurredAt), receivedAt: new Date(message.receivedAt), readAt: null, sourceEventId,
  details: message.details, inReplyTo: message.inReplyTo, newText: message.newText,
  reactions: message.reactions ?? [], editedAt: instant(message.editedAt), deletedAt: instant(message.deletedAt),
});

/** A held message's instants are text. */
const instant = (at: Date | string | null | undefined) => (at ? new Date(at) : null);
