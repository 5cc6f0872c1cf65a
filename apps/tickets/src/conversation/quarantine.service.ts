import { Injectable } from '@nestjs/common';
import type { AcceptedMessage } from '@parley/contracts/channels';
import { messageEvents } from '@parley/contracts/messages';
import { announce, type Tx } from '@parley/service/tx';
import { ConversationService } from './conversation.service.js';
import { HeldMessagesRepository } from './held-messages.repository.js';

/** Longest part of an error that is told to the books. */
const REASON_CHARACTERS = 500;

/** What becomes of accepted messages that could not be filed (OPS-6): they are in quarantine, where people see them and may have them filed again. */
@Injectable()
export class QuarantineService {
  constructor(
    private readonly held: HeldMessagesRepository,
    private readonly conversation: ConversationService,
  ) {}

  /** The fact was put aside as a dead letter: in the books its message is quarantined and no longer on its way. */
  async parked(tx: Tx, { inboundId, conversationKey }: AcceptedMessage, error: string): Promise<void> {
    announce(tx, messageEvents.filed, { key: conversationKey, data: { inboundId, outcome: 'quarantined', reason: `It could not be filed: ${error.slice(0, REASON_CHARACTERS)}` } });
  }

  /** Somebody wants it filed again: an automatic answer whose thread may have come meanwhile, or a dead letter, which the kit takes up within seconds. */
  async again(tx: Tx, inboundId: string): Promise<void> {
    const waiting = await this.held.takeAutomatic(tx, inboundId);
    if (waiting) await this.conversation.receive(tx, waiting.message, waiting.sourceEventId);
    else await this.held.retryDead(tx, inboundId);
  }
}
