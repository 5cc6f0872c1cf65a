import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { MacroActions, macros } from '@parley/contracts/macros';
import { ticketEvents } from '@parley/contracts/tickets';
import { newId } from '@parley/service/ids';
import { within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { DirectoryService } from '../directory/directory.service.js';
import { TaggingService } from '../tagging/tagging.service.js';
import { recordThing } from '../tickets.audit.js';
import { holding, nameCursor, namePage } from '../tickets.database.js';
import { moved } from '../ticket/lifecycle.rules.js';
import { toSnapshot, type TicketEntity } from '../ticket/ticket.entity.js';
import { TicketsService, close, reopen, wake } from '../ticket/tickets.service.js';
import { snoozeEnd } from '../timers/snooze.rules.js';
import { FillingService } from './filling.service.js';
import { toMacro, type MacroEntity } from './macro.entity.js';
import { MacrosRepository } from './macros.repository.js';

/** TKT-13. */
@Injectable()
export class MacrosService {
  constructor(
    private readonly db: DataSource,
    private readonly macros: MacrosRepository,
    private readonly filling: FillingService,
    private readonly tickets: TicketsService,
    private readonly tagging: TaggingService,
    private readonly directory: DirectoryService,
  ) {}

  list({ q, category, cursor, limit }: Input<typeof macros.list>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const found = await this.macros.page(tx, { like: holding(q), category: category ?? null, after: nameCursor(cursor), limit });
      return namePage(found, limit, ({ key }) => key, toMacro);
    });
  }

  get({ id }: Input<typeof macros.get>, by: Actor) {
    return within(this.db, by, async (tx) => toMacro(await this.macros.find(tx, id)));
  }

  create({ name, category, text, actions }: Input<typeof macros.create>, by: Actor) {
    return within(
      this.db, by,
      async (tx) => {
        await this.check(tx, { text, actions });
        const macro: MacroEntity = { id: newId(), name, key: keyOf(name), category, text, actions, uses: 0, lastUsedAt: null, createdAt: tx.at, updatedAt: tx.at, version: 1 };
        if (!(await this.macros.insert(tx, macro))) throw new ContractError('NAME_TAKEN', `There is a macro ${name}`);
        recordThing(tx, 'macro', null, toMacro(macro));
        return toMacro(macro);
      },
      async (tx, id) => toMacro(await this.macros.find(tx, id)),
    );
  }

  update({ id, ifMatch, ...wish }: Input<typeof macros.update>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const macro = await this.current(tx, id, ifMatch);
      const before = toMacro(macro);
      const { name = macro.name, category = macro.category, text = macro.text, actions = macro.actions } = wish;
      await this.check(tx, { text, actions });
      Object.assign(macro, { name, key: keyOf(name), category, text, actions, updatedAt: tx.at, version: macro.version + 1 });
      if (!(await this.macros.save(tx, macro))) throw new ContractError('NAME_TAKEN', `There is a macro ${name}`);
      recordThing(tx, 'macro', before, toMacro(macro));
      return toMacro(macro);
    });
  }

  remove({ id, ifMatch }: Input<typeof macros.remove>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const macro = await this.current(tx, id, ifMatch);
      await this.macros.remove(tx, id);
      recordThing(tx, 'macro', toMacro(macro), null);
      return {};
    });
  }

  preview({ id, ticketId }: Input<typeof macros.preview>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const macro = await this.macros.find(tx, id);
      const { text, missing } = await this.filling.preview(tx, await this.tickets.find(tx, ticketId), macro.text);
      return { text, missing, actions: macro.actions };
    });
  }

  /** @throws ContractError MACRO_NOT_FOUND, and VALIDATION_FAILED for text that cannot be filled. */
  async checkUse(tx: Tx, id: string, text?: string): Promise<string> {
    const macro = await this.macros.find(tx, id);
    if (text !== undefined) await this.filling.check(tx, text);
    return text ?? macro.text;
  }

  /** What is to be sent by this message: the macro's text, or what the agent made of it, filled. Counts as a use. @throws ContractError MACRO_NOT_FOUND, COUPON_POOL_EMPTY, VALIDATION_FAILED */
  async write(tx: Tx, ticket: TicketEntity, { macroId, text, messageId }: { macroId: string; text: string | undefined; messageId: string }) {
    const macro = await this.macros.find(tx, macroId);
    const written = await this.filling.write(tx, ticket, text ?? macro.text, messageId);
    await this.macros.countUse(tx, macroId);
    return { text: written, actions: macro.actions };
  }

  /** Without codes and without counting: for a reply that could not be sent. Text that cannot be filled stays as it is. */
  async show(tx: Tx, ticket: TicketEntity, text: string): Promise<string> {
    return (await this.filling.preview(tx, ticket, text)).text;
  }

  /** Does what the macro does beside writing. The caller has locked the ticket. @throws ContractError MOVE_NOT_ALLOWED, TOO_MANY */
  async act(tx: Tx, ticket: TicketEntity, actions: MacroActions): Promise<void> {
    for (const tag of actions.addTags) await this.tagging.put(tx, ticket, tag, 'person');
    const before = toSnapshot(ticket);
    const facts = [...(await this.assign(tx, ticket, actions)), ...(await this.move(tx, ticket, actions))];
    if (facts.length) await this.tickets.settle(tx, ticket, before, facts);
  }

  /** Somebody who has left meanwhile is given nothing. */
  private async assign(tx: Tx, ticket: TicketEntity, { assignee }: MacroActions) {
    if (assignee === null) return [];
    const id = assignee === 'nobody' ? null : ((await this.directory.assignable(tx, assignee === 'me' ? tx.by.id : assignee))?.id ?? ticket.assigneeId);
    if (id === ticket.assigneeId) return [];
    ticket.assigneeId = id;
    return [ticketEvents.assigned];
  }

  private async move(tx: Tx, ticket: TicketEntity, { status, snooze }: MacroActions) {
    if (status === null || (status === ticket.status && status !== 'snoozed')) return [];
    if (status === 'closed') return [close(tx, ticket, 'agent')];
    if (status === 'open') return [ticket.status === 'closed' ? reopen(tx, ticket, 'agent') : wake(tx, ticket, 'agent')];
    const snoozedUntil = snoozeEnd({ preset: snooze }, tx.at, (await this.directory.account(tx)).timezone);
    Object.assign(ticket, { status: moved(ticket, 'snooze', 'agent'), snoozedUntil, wakeOnReply: true });
    return [ticketEvents.snoozed];
  }

  private async current(tx: Tx, id: string, ifMatch: number): Promise<MacroEntity> {
    const macro = await this.macros.lock(tx, id);
    if (macro.version !== ifMatch) throw new ContractError('VERSION_STALE', `Now at ${macro.version}`, { current: toMacro(macro) });
    return macro;
  }

  private async check(tx: Tx, { text, actions }: { text: string; actions: MacroActions }): Promise<void> {
    await this.filling.check(tx, text);
    const { assignee } = actions;
    if (assignee === null || assignee === 'me' || assignee === 'nobody' || (await this.directory.assignable(tx, assignee))) return;
    throw new ContractError('VALIDATION_FAILED', 'Some fields are not right', { errors: [{ pointer: '/actions/assignee', message: 'is nobody who may be given tickets' }] });
  }
}

const keyOf = (name: string) => name.trim().replace(/\s+/g, ' ').normalize('NFC').toLowerCase();
