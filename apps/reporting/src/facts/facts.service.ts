import { Injectable } from '@nestjs/common';
import type { Envelope } from '@parley/contracts/events';
import type { Message } from '@parley/contracts/messages';
import type { Fact } from '@parley/service/hears';
import { withoutMessage } from '@parley/service/taken-back';
import type { Tx } from '@parley/service/tx';
import { FactsRepository } from './facts.repository.js';
import { learn } from './ticket-facts.rules.js';

/** Keeps everything that happens and learns from it at once: an event that is in the log is in the numbers. */
@Injectable()
export class FactsService {
  constructor(private readonly facts: FactsRepository) {}

  /** Facts of one account, each partition in order. What was kept before is not learnt from twice. */
  async keep(tx: Tx, facts: Fact[]) {
    await this.facts.shareBuild(tx);
    const { fresh, build } = await this.facts.keep(tx, facts);
    await this.learn(tx, build, facts.filter((fact) => fresh.has(fact.id)));
  }

  /** META-2: a message was taken back. What the event log said of its content is gone from it; the numbers stay. */
  async forget(tx: Tx, { id: messageId, ticketId, receivedAt: since }: Pick<Message, 'id' | 'ticketId' | 'receivedAt'>) {
    const found: { position: number; envelope: Envelope }[] = [];
    for (let below: number | null = (await this.facts.lastPosition(tx)) + 1; below !== null; ) {
      const window = await this.facts.about(tx, { ticketId, messageId, since }, below);
      found.unshift(...window.rows);
      below = window.end;
    }
    const clean = withoutMessage(found.map(({ position, envelope }) => ({ ...envelope, position })), messageId);
    if (clean.length) await this.facts.rewrite(tx, clean.map(({ position, ...envelope }) => ({ position, envelope })));
  }

  /** Brings a build up to date with facts that stand in the event log. */
  async learn(tx: Tx, build: number, facts: readonly Envelope[]) {
    const ids = [...new Set(facts.flatMap((fact) => fact.ticket ?? []))];
    if (!ids.length) return;
    const learned = learn(await this.facts.known(tx, build, ids), facts);
    if (learned.tickets.length) await this.facts.save(tx, build, learned);
  }
}
