import { Injectable } from '@nestjs/common';
import { timerEvents } from '@parley/contracts/timers';
import type { Ring } from '@parley/service/alarm';
import { announce, type Tx } from '@parley/service/tx';
import type { MessageEntity } from '../conversation/message.entity.js';
import { RepliesService } from '../conversation/replies.service.js';
import { ScheduledRepliesService } from '../conversation/scheduled-replies.service.js';
import { ThreadService } from '../conversation/thread.service.js';
import { DirectoryService } from '../directory/directory.service.js';
import { IdentityService } from '../profiles/identity.service.js';
import { SettingsService } from '../settings/settings.service.js';
import { canReply } from '../ticket/can-reply.rules.js';
import { toSnapshot, type TicketEntity } from '../ticket/ticket.entity.js';
import { TicketsService, close, closing } from '../ticket/tickets.service.js';
import { autoCloseDue } from './auto-close.rules.js';
import { followUpDue } from './follow-up.rules.js';
import { TimetableService, type Kind } from './timetable.service.js';

/** So much of a conversation stands in a follow-up e-mail (TIME-2). */
const RECAP = 10;

/** What happens when a ticket's timer falls due: decided again on the ticket as it is by then. */
@Injectable()
export class RingsService {
  constructor(
    private readonly tickets: TicketsService,
    private readonly timetable: TimetableService,
    private readonly replies: RepliesService,
    private readonly thread: ThreadService,
    private readonly settings: SettingsService,
    private readonly directory: DirectoryService,
    private readonly identity: IdentityService,
    private readonly scheduled: ScheduledRepliesService,
  ) {}

  /** TIME-4: the snooze is over. */
  async snooze(tx: Tx, ring: Ring): Promise<void> {
    const ticket = await this.claimed(tx, ring);
    if (ticket?.status === 'snoozed' && ticket.snoozedUntil && ticket.snoozedUntil <= tx.at) await this.tickets.wakeNow(tx, ticket);
  }

  /** TIME-3: the customer has said no more. A closing message goes out first, where one can. */
  async autoClose(tx: Tx, ring: Ring): Promise<void> {
    const ticket = await this.claimed(tx, ring);
    if (!ticket) return;
    const settings = await this.settings.read(tx, 'auto-close');
    const due = autoCloseDue(ticket, settings);
    if (!due || due > tx.at) return this.tickets.keep(tx, ticket);
    const text = settings.channels[ticket.channelType]?.closingMessage;
    const isSent = text && canReply(ticket, tx.at, 'automation').allowed;
    const before = toSnapshot(ticket);
    const fact = close(tx, ticket, 'timer');
    if (isSent) await this.replies.send(tx, ticket, text);
    await this.tickets.settle(tx, ticket, before, [fact], [closing('TIME-3', { answeredAt: ticket.answeredAt, openSince: ticket.openSince, dueAt: due, afterSeconds: settings.channels[ticket.channelType]?.afterSeconds })]);
  }

  /** TIME-1: the visitor has not come back. Notifications hears it, renders and sends (settled 2). */
  async followUp(tx: Tx, ring: Ring): Promise<void> {
    const ticket = await this.claimed(tx, ring);
    if (!ticket) return;
    const { settings, account, to, from } = await this.timetable.followUpAddresses(tx, ticket);
    const due = followUpDue(ticket, settings, { to, from });
    if (due && due <= tx.at) {
      const channel = await this.directory.channel(tx, ticket.channelId);
      const recap = await this.thread.recent(tx, ticket.id, RECAP);
      announce(tx, timerEvents.followUpDue, {
        key: ticket.id, partition: ticket.partition, ticket: ticket.id,
        data: {
          timerId: ring.id, ticketId: ticket.id, sessionId: ticket.chatSessionId!, channelId: ticket.channelId,
          to: { email: to!, name: ticket.profileName }, locale: (await this.identity.localeOf(tx, ticket.profileId)) ?? account.locale,
          from, replyTo: settings.replyTo, siteUrl: (channel?.settings['siteUrl'] as string | undefined) ?? null, recap: recap.map(toRecap),
        },
      });
    }
    await this.tickets.keep(tx, ticket);
  }

  /** TKT-10: a reply that was put off. */
  async sendReply(tx: Tx, ring: Ring): Promise<void> {
    const ticket = await this.tickets.lock(tx, ring.subject.id);
    if (await ring.claim()) await this.scheduled.send(tx, ticket, ring.id);
  }

  /** The ticket, locked, if the timer is still to ring: the lock comes first, so the claim is decided on what it finds. */
  private async claimed(tx: Tx, ring: Ring): Promise<TicketEntity | null> {
    const ticket = await this.tickets.lock(tx, ring.subject.id);
    if (!(await ring.claim())) return null;
    ticket.timetable = { ...ticket.timetable, [ring.kind as Kind]: undefined };
    return ticket;
  }
}

const toRecap = ({ authorType, authorName, text, occurredAt }: MessageEntity) => ({
  author: authorType === 'campaign' || authorType === 'flow' ? ('automation' as const) : authorType, name: authorName, text, at: occurredAt.toISOString(),
});
