import { Injectable } from '@nestjs/common';
import type { files } from '@parley/contracts/attachments';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { messageEvents, type messages } from '@parley/contracts/messages';
import { newId } from '@parley/service/ids';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { DirectoryService } from '../directory/directory.service.js';
import { toSnapshot } from '../ticket/ticket.entity.js';
import { TicketsService } from '../ticket/tickets.service.js';
import { toMessage, toNote, type MessageEntity, type NoteEntity } from './message.entity.js';
import { MessagesRepository } from './messages.repository.js';
import { remoteImages } from './safe-html.js';

/** A ticket's messages and notes, for staff (TKT-9, TKT-12). */
@Injectable()
export class ThreadService {
  constructor(
    private readonly db: DataSource,
    private readonly messages: MessagesRepository,
    private readonly tickets: TicketsService,
    private readonly directory: DirectoryService,
  ) {}

  list({ id, before, limit }: Input<typeof messages.list>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const { id: ticketId } = await this.tickets.find(tx, id);
      const items = await this.messages.page(tx, ticketId, before, limit);
      const first = items[0]?.seq ?? 1;
      const notes = items.length ? await this.messages.notes(tx, ticketId, first === 1 ? 0 : first, items.at(-1)!.seq) : [];
      return { items: items.map(toMessage), notes: notes.map(toNote), nextBefore: first > 1 ? first : null };
    });
  }

  /** MAIL-5: where an image stands that a message shows from elsewhere. */
  remoteImage({ id, place }: Input<typeof files.remoteImage>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const message = await this.messages.find(tx, id);
      if (!message) throw new ContractError('MESSAGE_NOT_FOUND', `No message ${id}`);
      const url = remoteImages(message.html ?? '')[place];
      if (!url) throw new ContractError('IMAGE_NOT_AVAILABLE', `The message has no image at place ${place}`);
      return { url };
    });
  }

  note({ id, text, mentions: named }: Input<typeof messages.note>, by: Actor) {
    return within(
      this.db, by,
      async (tx) => {
        const ticket = await this.tickets.lock(tx, id);
        if (tx.by.id === null) throw new ContractError('VALIDATION_FAILED', 'A note has an author');
        const note: NoteEntity = { id: newId(), ticketId: id, afterSeq: ticket.lastSeq, authorId: tx.by.id, authorName: await this.directory.nameOf(tx, tx.by.id), text, mentions: await this.mentioned(tx, named), createdAt: tx.at };
        await this.messages.insertNote(tx, note);
        announce(tx, messageEvents.noteAdded, { key: id, partition: ticket.partition, ticket: id, data: { note: toNote(note), ticket: toSnapshot(ticket) } });
        return toNote(note);
      },
      async (tx, noteId) => toNote((await this.messages.note(tx, noteId))!),
    );
  }

  /** TKT-12: people who can read it. @throws ContractError VALIDATION_FAILED */
  private async mentioned(tx: Tx, ids: string[]): Promise<string[]> {
    const people = [...new Set(ids)];
    const strangers = (await Promise.all(people.map(async (id) => ((await this.directory.assignable(tx, id)) ? [] : [id])))).flat();
    const errors = strangers.map((id) => ({ pointer: `/mentions/${ids.indexOf(id)}`, message: 'is nobody who works tickets here' }));
    if (errors.length) throw new ContractError('VALIDATION_FAILED', 'Somebody is mentioned who cannot read it', { errors });
    return people;
  }

  /** These messages and notes, by their ids. */
  async shown(tx: Tx, messageIds: string[], noteIds: string[]) {
    const { messages, notes } = await this.messages.these(tx, messageIds, noteIds);
    return { messages: new Map(messages.map((one) => [one.id, toMessage(one)])), notes: new Map(notes.map((one) => [one.id, toNote(one)])) };
  }

  /** The last messages, in order; notes are not among them (TKT-12). */
  recent(tx: Tx, ticketId: string, count: number): Promise<MessageEntity[]> {
    return this.messages.page(tx, ticketId, undefined, count);
  }
}
