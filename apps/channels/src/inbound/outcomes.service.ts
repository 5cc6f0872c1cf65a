import { Injectable } from '@nestjs/common';
import type { Data } from '@parley/contracts/events';
import { messageEvents } from '@parley/contracts/messages';
import type { Fact } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { HealthService } from '../health/health.service.js';
import { InboundRepository } from './inbound.repository.js';

type Decided = { id: string; outcome: string; reason: string | null; profileId: string | null };

@Injectable()
export class OutcomesService {
  constructor(
    private readonly inbound: InboundRepository,
    private readonly health: HealthService,
  ) {}

  /** OPS-6: every accepted message gets its outcome from tickets. A later word wins: what was quarantined may be retried into a thread. */
  async enter(tx: Tx, facts: Fact[]) {
    const decided = new Map(facts.flatMap(decision).map((one) => [one.id, one]));
    if (!decided.size) return;
    for (const channelId of await this.inbound.decide(tx, [...decided.values()])) this.health.review(tx, channelId);
  }
}

function decision(fact: Fact): Decided[] {
  if (fact.type === messageEvents.received.type) {
    const { message, ticket } = fact.data as Data<typeof messageEvents.received>;
    return [{ id: message.id, outcome: 'thread', reason: null, profileId: ticket.profile.id }];
  }
  if (fact.type !== messageEvents.filed.type) return [];
  const { inboundId, outcome, reason } = fact.data as Data<typeof messageEvents.filed>;
  return [{ id: inboundId, outcome, reason, profileId: null }];
}
