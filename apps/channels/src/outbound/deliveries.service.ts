import { Injectable } from '@nestjs/common';
import { channelEvents, type Identifier } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import type { messageEvents } from '@parley/contracts/messages';
import type { profileEvents } from '@parley/contracts/profiles';
import { announce, type Tx } from '@parley/service/tx';
import { BooksService } from '../books/books.service.js';
import type { ConnectedChannel, ConsentReport, Failure, Outbound, RefusalClass, Seen, Sent, Status } from '../adapter.js';
import { AmendmentsService } from '../thread/amendments.service.js';
import { EchoesService } from '../thread/echoes.service.js';
import { DeliveriesRepository, type DeliveryRow } from './deliveries.repository.js';
import { forbidden, isProgress } from './delivery.rules.js';
import { type Job, OutboxRepository } from './outbox.repository.js';
import { Bell } from './bell.js';

/** A message that may be sent now. `unsure`: how often it may have been taken already. */
export type Attempt = { message: Outbound; channel: ConnectedChannel; unsure: number; at: Date };

/** What was told of a message. */
type Told = Pick<Status, 'state' | 'failure'> & { class?: RefusalClass | null | undefined; pricing?: Record<string, unknown> | null };

@Injectable()
export class DeliveriesService {
  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly outbox: OutboxRepository,
    private readonly bell: Bell,
    private readonly books: BooksService,
    private readonly echoes: EchoesService,
    private readonly amendments: AmendmentsService,
  ) {}

  /** Writes down an answer from a thread; it leaves after the commit. Web chat has doors of its own. */
  async send(tx: Tx, { message, ticket, route, template }: Data<typeof messageEvents.sent>) {
    if (route.channel === 'webchat') return this.books.chatAnswered(tx, { id: message.id, channelId: route.channelId, sessionId: route.sessionId, seq: message.seq });
    const { channelId, to, toName, sessionId, threadId, subject } = route;
    const content = { text: message.text, html: message.html, attachments: message.attachments, byPerson: message.author.type === 'agent', template };
    await this.deliveries.add(tx, { id: message.id, channelId, ticketId: ticket.id, profileId: ticket.profile.id, recipient: to, toName, sessionId, threadId, subject, ...content }, message.seq);
    tx.after(() => this.bell.ring());
  }

  /** Writes down an answer outside any thread, once per message it answers. */
  async answerAlone(tx: Tx, channel: ConnectedChannel, { to, text, inboundId, subject = null }: { to: Identifier; text: string; inboundId: string; subject?: string | null }) {
    const nobody = { ticketId: null, profileId: null, toName: null, sessionId: null, threadId: null, subject, html: null, attachments: [], byPerson: false, template: null };
    await this.deliveries.add(tx, { id: inboundId, channelId: channel.id, recipient: to, text, ...nobody }, 0);
    tx.after(() => this.bell.ring());
  }

  /** The provider says what became of messages of ours. Of one that we do not know yet it is kept until we do. */
  async apply(tx: Tx, channel: Pick<ConnectedChannel, 'id'>, statuses: Status[]) {
    for (const status of statuses) await this.told(tx, channel, status);
  }

  /** What is to be sent now; null: it is decided already, or refused here. `channel`: null where it is disconnected. */
  async begin(tx: Tx, job: Job, channel: ConnectedChannel | null): Promise<Attempt | null> {
    if (!(await this.outbox.holds(tx, job))) return null;
    const row = await this.deliveries.lock(tx, job.id);
    if (!row || row.state !== 'queued' || row.providerMessageId) {
      await this.outbox.done(tx, job.id);
      return null;
    }
    const reason = await this.forbidden(tx, channel, row);
    if (reason || !channel) {
      await this.refuse(tx, row, { code: reason ?? 'channel_off', reason: REASONS[reason ?? 'channel_off'] });
      return null;
    }
    row.firstTriedAt ??= tx.at;
    row.unsure += job.crashed ? 1 : 0;
    await this.deliveries.save(tx, row);
    return { message: { ...row, to: row.recipient, firstTriedAt: row.firstTriedAt }, channel, unsure: row.unsure, at: tx.at };
  }

  /** The provider has it. Recorded even where the lease was lost: what happened has happened. */
  async taken(tx: Tx, id: string, sent: Sent) {
    const row = await this.deliveries.lock(tx, id);
    if (!row) return;
    const known = [sent.providerMessageId, ...(sent.also ?? [])].map((providerMessageId) => ({ channelId: row.channelId, providerMessageId }));
    await this.amendments.alone(tx, known);
    row.providerMessageId ??= sent.providerMessageId;
    this.advance(tx, row, { state: sent.state, failure: null }, null);
    for (const { providerMessageId } of known) for (const parked of await this.deliveries.unpark(tx, row.channelId, providerMessageId)) this.advance(tx, row, parked, parked.occurredAt.toISOString());
    await this.deliveries.save(tx, row);
    if (sent.also?.length) await this.deliveries.addPieces(tx, row, sent.also);
    await this.catchUp(tx, row, known);
    await this.outbox.done(tx, id);
    tx.after(() => this.bell.ring());
  }

  /** The customer has read this message of the brand's, and those before it. Of one that is not known yet it is kept until it is. The caller is alone with it. */
  async seen(tx: Tx, channel: Pick<ConnectedChannel, 'id'>, { upTo: providerMessageId, person, occurredAt }: Seen) {
    const upTo = await this.deliveries.idOf(tx, channel.id, providerMessageId);
    if (!upTo) return this.deliveries.park(tx, channel.id, { kind: 'status', providerMessageId, reference: null, state: 'read', failure: null, occurredAt });
    for (const unread of await this.deliveries.lockUnread(tx, channel.id, person.map(({ value }) => value), upTo)) {
      this.advance(tx, unread, { state: 'read', failure: null }, occurredAt);
      await this.deliveries.save(tx, unread);
    }
  }

  /** It will not be sent. */
  async failed(tx: Tx, job: Job, failure: Failure, { class: kind, consent }: { class?: RefusalClass; consent?: ConsentReport | undefined } = {}) {
    const row = await this.deliveries.lock(tx, job.id);
    if (!row || !(await this.outbox.holds(tx, job))) return;
    await this.refuse(tx, row, failure, kind);
    if (!consent) return;
    const { kind: _, ...report } = consent;
    announce(tx, channelEvents.consentReported, { key: `consent:${report.identifier.value}`, data: { channelId: row.channelId, ...report } });
  }

  /** Once more after a while. `unsure`: this time it may have been taken. */
  async postponed(tx: Tx, job: Job, seconds: number, unsure: boolean) {
    const row = await this.deliveries.lock(tx, job.id);
    if (row && unsure) await this.deliveries.save(tx, { ...row, unsure: row.unsure + 1 });
    await this.outbox.again(tx, job, seconds);
  }

  /** Those of them that stand in our books for other messages. */
  recorded(tx: Tx, channelId: string, ids: string[]) {
    return this.deliveries.recorded(tx, channelId, ids);
  }

  /** How many messages that nobody wrote have gone to this recipient in the last day, beside this one. */
  automaticTo(tx: Tx, recipient: string, except: string) {
    return this.deliveries.automaticTo(tx, recipient, except);
  }

  async consented(tx: Tx, { profileId, consent }: Data<typeof profileEvents.consentChanged>) {
    await this.deliveries.consent(tx, profileId, consent.kind, consent.state);
  }

  async blocked(tx: Tx, profile: Data<typeof profileEvents.blocked>) {
    await this.deliveries.block(tx, profile.id, profile.blocked);
  }

  private async told(tx: Tx, channel: Pick<ConnectedChannel, 'id'>, status: Status) {
    let row = await this.deliveries.lockReported(tx, channel.id, status);
    if (!row) {
      await this.amendments.alone(tx, [{ channelId: channel.id, providerMessageId: status.providerMessageId }]);
      row = await this.deliveries.lockReported(tx, channel.id, status);
    }
    if (!row) return this.deliveries.park(tx, channel.id, status);
    row.providerMessageId ??= status.providerMessageId;
    this.advance(tx, row, status, status.occurredAt);
    await this.deliveries.save(tx, row);
    await this.outbox.done(tx, row.id);
  }

  /** What was said of the message by its provider's ids before we knew them: an echo is none, and amendments are its own. */
  private async catchUp(tx: Tx, row: DeliveryRow, known: { channelId: string; providerMessageId: string }[]) {
    await this.echoes.ours(tx, row.channelId, known.map(({ providerMessageId }) => providerMessageId));
    const said = [...(await this.amendments.waiting(tx, known)).values()].flat();
    if (row.ticketId) await this.amendments.tell(tx, row.channelId, { id: row.id, key: null }, said);
  }

  private async forbidden(tx: Tx, channel: ConnectedChannel | null, row: DeliveryRow) {
    if (!channel?.enabled) return 'channel_off';
    if (!row.profileId) return null;
    const { consents, blocked } = await this.deliveries.standing(tx, row.profileId);
    return forbidden(channel.type, consents, blocked);
  }

  private async refuse(tx: Tx, row: DeliveryRow, failure: Failure, kind?: RefusalClass) {
    this.advance(tx, row, { state: 'failed', failure, class: kind }, null);
    await this.deliveries.save(tx, row);
    await this.outbox.done(tx, row.id);
    tx.after(() => this.bell.ring());
  }

  /** TKT-8: forwards only. A failure that a delivery has overtaken stays in our books as a note. */
  private advance(tx: Tx, row: DeliveryRow, { state: to, failure, class: kind = null, pricing = null }: Told, occurredAt: string | null) {
    row.pricing ??= pricing;
    if (!isProgress(row.state, to)) return;
    row.state = to;
    row.failure = failure ?? row.failure;
    if (!row.ticketId) return;
    announce(tx, channelEvents.deliveryChanged, {
      key: row.ticketId,
      ticket: row.ticketId,
      data: {
        messageId: row.id, ticketId: row.ticketId, state: to, failure: to === 'failed' ? failure : null, class: to === 'failed' ? kind : null,
        providerMessageId: row.providerMessageId, occurredAt: occurredAt ?? tx.at.toISOString(),
      },
    });
  }
}

const REASONS = {
  channel_off: 'The channel is switched off or disconnected',
  opted_out: 'The recipient opted out after the message was written',
  blocked: 'The recipient was blocked after the message was written',
} as const;
