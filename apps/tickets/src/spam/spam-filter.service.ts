import { Injectable } from '@nestjs/common';
import { messageEvents } from '@parley/contracts/messages';
import { announce, type Tx } from '@parley/service/tx';
import { DeskService } from '../assignment/desk.service.js';
import type { NewDecision } from '../explain/history.entity.js';
import { FILTER_VERSION, isTrained, learnt, probability, tokensOf } from './filter.rules.js';
import { SamplesRepository } from './samples.repository.js';
import { SIGNS_VERSION, scoreBySigns, type SpamScore, type Suspect } from './spam.rules.js';

/** Below this, signs alone are no reason to ask any further of a conversation that has begun. */
const WORTH_ASKING = 0.5;
export type Verdict = { isSpam: boolean; decision: NewDecision };

/** Tells spam from what customers write (TKT-20): by signs, and by what the account has taught it. */
@Injectable()
export class SpamFilterService {
  constructor(
    private readonly samples: SamplesRepository,
    private readonly desk: DeskService,
  ) {}

  /** Null: not worth a decision. `version` of the desk, where it is known. */
  async judge(tx: Tx, message: Suspect, { isNew, version }: { isNew: boolean; version?: number | null }): Promise<Verdict | null> {
    const signs = scoreBySigns(message);
    if (!isNew && signs.score < WORTH_ASKING) return null;
    const { spamThreshold, samples } = await this.desk.read(tx, version);
    if (spamThreshold === null) return null;
    const { score, reasons }: SpamScore = isTrained(samples) ? learnt(signs, await this.learntOf(tx, message.text, samples)) : signs;
    const isSpam = score >= spamThreshold;
    return {
      isSpam,
      decision: { kind: 'spam', rule: 'TKT-20', ruleVersion: isTrained(samples) ? FILTER_VERSION : SIGNS_VERSION, inputs: { score, reasons, threshold: spamThreshold, samples }, outcome: { spam: isSpam } },
    };
  }

  /** Somebody has decided: the filter learns it, in place of what it was told of this ticket before. */
  async learn(tx: Tx, ticketId: string, spam: boolean): Promise<void> {
    const before = await this.samples.find(tx, ticketId);
    if (before?.spam === spam) return;
    const tokens = before?.tokens ?? tokensOf(tx.by.account, await this.samples.written(tx, ticketId)).sort();
    if (before) await this.samples.count(tx, before.spam, tokens, -1);
    await this.samples.count(tx, spam, tokens, 1);
    await this.samples.put(tx, ticketId, spam, tokens);
  }

  /** What the customer wrote first, for decisions that were held back. */
  written(tx: Tx, ticketId: string): Promise<string> {
    return this.samples.written(tx, ticketId);
  }

  /** The books counted its messages as spam: from now on they stand in a thread (OPS-6). */
  async acquit(tx: Tx, { id, partition }: { id: string; partition: number }): Promise<void> {
    for (const message of await this.samples.inbound(tx, id)) {
      announce(tx, messageEvents.filed, { key: id, partition, ticket: id, data: { inboundId: message.id, outcome: message.keyword === null ? 'thread' : 'keyword', reason: null } });
    }
  }

  private async learntOf(tx: Tx, text: string, samples: { spam: number; ham: number }): Promise<number> {
    return probability(await this.samples.counts(tx, tokensOf(tx.by.account, text)), samples);
  }
}
