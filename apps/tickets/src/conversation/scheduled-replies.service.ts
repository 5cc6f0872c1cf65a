import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { messages, ScheduledReply } from '@parley/contracts/messages';
import { Alarm } from '@parley/service/alarm';
import { newId } from '@parley/service/ids';
import { actingAs, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { DirectoryService } from '../directory/directory.service.js';
import { FilesService } from '../files/files.service.js';
import { MacrosService } from '../macros/macros.service.js';
import type { TicketEntity } from '../ticket/ticket.entity.js';
import { TicketsService } from '../ticket/tickets.service.js';
import { RepliesService, type Wish } from './replies.service.js';
import { ScheduledRepliesRepository, toScheduled, type ScheduledReplyRow } from './scheduled-replies.repository.js';

const MOST_DAYS = 366;
const DAY = 86_400_000;

/** Replies that wait for their time (TKT-10, TIME-5): a timer of the ticket, and what it is to send. */
@Injectable()
export class ScheduledRepliesService {
  constructor(
    private readonly db: DataSource,
    private readonly alarm: Alarm,
    private readonly replies: RepliesService,
    private readonly scheduled: ScheduledRepliesRepository,
    private readonly tickets: TicketsService,
    private readonly macros: MacrosService,
    private readonly files: FilesService,
    private readonly directory: DirectoryService,
  ) {}

  /** What cannot be sent now is not put off either: the reasons of TKT-11 are told while somebody is there to hear them. */
  schedule({ id, sendAt, lastSeenSeq, force, template, ...wish }: Input<typeof messages.reply>, by: Actor): Promise<ScheduledReply> {
    if (template) throw new ContractError('VALIDATION_FAILED', 'A template is sent now', { errors: [{ pointer: '/sendAt', message: 'cannot stand beside a template' }] });
    return within(
      this.db, by,
      async (tx) => {
        const dueAt = due(sendAt!, tx.at);
        const ticket = await this.tickets.lock(tx, id);
        await this.replies.demand(tx, ticket, { lastSeenSeq, force });
        const row = { id: newId(), ticketId: id, timerId: '', text: wish.text ?? null, attachments: wish.attachments, macroId: wish.macroId ?? null, keepSnoozed: wish.keepSnoozed, authorType: by.type, authorId: by.id, sendAt: dueAt };
        const shown = await this.shown(tx, ticket, row);
        const timer = await this.alarm.set(tx, {
          kind: 'send_reply', subject: { type: 'ticket', id }, generation: ++ticket.countdowns, dueAt, reason: { rule: 'TKT-10', scheduledReplyId: row.id, author: by.id, text: shown.text.slice(0, 140) },
        });
        await this.scheduled.insert(tx, { ...row, timerId: timer.id });
        await this.tickets.keep(tx, ticket);
        return { ...shown, timerId: timer.id };
      },
      async (tx, replyId) => {
        const row = (await this.scheduled.find(tx, replyId))!;
        return this.shown(tx, await this.tickets.find(tx, row.ticketId), row);
      },
    );
  }

  /** Its time has come: it is sent as if its author did it now, or stands in the thread as failed, with the reason. The ticket is locked. */
  async send(tx: Tx, ticket: TicketEntity, timerId: string): Promise<void> {
    const row = await this.scheduled.ofTimer(tx, timerId);
    if (!row) return this.tickets.keep(tx, ticket);
    const asAuthor = actingAs(tx, { by: { ...tx.by, type: row.authorType, id: row.authorId } });
    const wish: Wish = { text: row.text ?? undefined, attachments: row.attachments, macroId: row.macroId ?? undefined, keepSnoozed: row.keepSnoozed };
    const refused = await this.attempt(asAuthor, async () => {
      await this.demandAuthor(tx, row);
      const { id } = await this.replies.write(asAuthor, ticket, wish);
      await this.scheduled.end(tx, timerId, { state: 'sent', messageId: id });
    });
    if (!refused) return;
    // What the attempt did to the row is undone; the copy in memory is read again.
    const now = await this.tickets.lock(tx, ticket.id);
    const text = await this.macros.show(asAuthor, now, row.text ?? '');
    const { id } = await this.replies.fail(asAuthor, now, { text, failure: { code: reasonOf(refused), reason: refused.message } });
    await this.scheduled.end(tx, timerId, { state: 'failed', messageId: id });
  }

  async calledOff(tx: Tx, timerId: string): Promise<void> {
    await this.scheduled.end(tx, timerId, { state: 'cancelled', messageId: null });
  }

  private async shown(tx: Tx, ticket: TicketEntity, row: ScheduledReplyRow): Promise<ScheduledReply> {
    const template = row.macroId ? await this.macros.checkUse(tx, row.macroId, row.text ?? undefined) : (row.text ?? '');
    return toScheduled(row, row.macroId ? await this.macros.show(tx, ticket, template) : template, await this.files.ofReply(tx, ticket.channelType, row.attachments));
  }

  /** Whoever no longer works here says nothing more. */
  private async demandAuthor(tx: Tx, { authorType, authorId }: ScheduledReplyRow) {
    if (authorType === 'agent' && !(await this.directory.assignable(tx, authorId))) throw new ContractError('REPLY_NOT_ALLOWED', 'Its author no longer works here', { reason: 'author_gone' });
  }

  /** A refusal leaves nothing behind, neither rows nor facts. Everything else is thrown. */
  private async attempt(tx: Tx, work: () => Promise<void>): Promise<ContractError | null> {
    const announced = tx.announced.length;
    await tx.sql('SAVEPOINT reply');
    try {
      await work();
      await tx.sql('RELEASE SAVEPOINT reply');
      return null;
    } catch (error) {
      if (!(error instanceof ContractError) || error.code === 'UNAVAILABLE') throw error;
      await tx.sql('ROLLBACK TO SAVEPOINT reply');
      tx.announced.length = announced;
      return error;
    }
  }
}

const reasonOf = ({ code, more }: ContractError) => (typeof more['reason'] === 'string' ? more['reason'] : code.toLowerCase());

function due(sendAt: string, at: Date): Date {
  const dueAt = new Date(sendAt);
  const refuse = (message: string) => new ContractError('VALIDATION_FAILED', 'Send it when?', { errors: [{ pointer: '/sendAt', message }] });
  if (!(dueAt > at)) throw refuse('lies not in the future');
  if (dueAt.getTime() - at.getTime() > MOST_DAYS * DAY) throw refuse(`lies more than ${MOST_DAYS} days ahead`);
  return dueAt;
}
