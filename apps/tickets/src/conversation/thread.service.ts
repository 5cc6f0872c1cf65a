import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { messageEvents, type messages } from '@parley/contracts/messages';
import { newId } from '@parley/service/ids';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { DirectoryService } from '../directory/directory.service.js';
import { TicketsService } from '../ticket/tickets.service.js';
import { toMessage, toNote, type MessageEntity, type NoteEntity } from './message.entity.js';
import { MessagesRepository } from './messages.repository.js';

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
      await this.tickets.find(tx, id);
      const items = await this.messages.page(tx, id, before, limit);
      const first = items[0]?.seq ?? 1;
      const notes = items.length ? await this.messages.notes(tx, id, first === 1 ? 0 : first, items.at(-1)!.seq) : [];
      return { items: items.map(toMessage), notes: notes.map(toNote), nextBefore: first > 1 ? first : null };
    });
  }

  note({ id, text }: Input<typeof messages.note>, by: Actor) {
    return within(
      this.db, by,
      async (tx) => {
        const ticket = await this.tickets.lock(tx, id);
        if (tx.by.id === null) throw new ContractError('VALIDATION_FAILED', 'A note has an author');
        const note: NoteEntity = { id: newId(), ticketId: id, afterSeq: ticket.lastSeq, authorId: tx.by.id, authorName: await this.directory.nameOf(tx, tx.by.id), text, createdAt: tx.at };
        await this.messages.insertNote(tx, note);
        announce(tx, messageEvents.noteAdded, { key: id, partition: ticket.partition, ticket: id, data: { note: toNote(note) } });
        return toNote(note);
      },
      async (tx, noteId) => toNote((await this.messages.note(tx, noteId))!),
    );
  }

  /** The last messages, in order; notes are not among them (TKT-12). */
  recent(tx: Tx, ticketId: string, count: number): Promise<MessageEntity[]> {
    return this.messages.page(tx, ticketId, undefined, count);
  }
}
