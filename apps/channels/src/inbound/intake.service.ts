import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import type { ConnectedChannel, InboundMessage } from '../adapter.js';

/** What became of a message at the door. A duplicate carries the id of the first one and takes no place in the conversation. */
export type Accepted = { inboundId: string; duplicate: boolean; conversationKey: string; conversationSeq: number };

@Injectable()
export class IntakeService {
  /**
   * Takes messages of one channel: numbers each in its conversation, gapless and in the order given, tells duplicates (OPS-6), and announces
   * channel.message_received. Answers in the order given. `rawId`: the row of raw_inbound they were read from; null where there are no bytes (web chat).
   */
  async accept(tx: Tx, channel: ConnectedChannel, rawId: string | null, messages: InboundMessage[]): Promise<Accepted[]> {
    throw new Error(`not yet: ${tx.by.account} ${channel.id} ${rawId} ${messages.length}`);
  }
}
