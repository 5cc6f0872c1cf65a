import { Injectable } from '@nestjs/common';
import type { Envelope } from '@parley/contracts/events';
import type { Fact } from '@parley/service/hears';
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

  /** Brings a build up to date with facts that stand in the event log. */
  async learn(tx: Tx, build: number, facts: readonly Envelope[]) {
    const ids = [...new Set(facts.flatMap((fact) => fact.ticket ?? []))];
    if (!ids.length) return;
    const learned = learn(await this.facts.known(tx, build, ids), facts);
    if (learned.tickets.length) await this.facts.save(tx, build, learned);
  }
}
