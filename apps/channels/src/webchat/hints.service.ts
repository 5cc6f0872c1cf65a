import { Injectable } from '@nestjs/common';
import type { ChatHint } from '@parley/contracts/webchat';
import { Broker } from '@parley/service/broker';
import type { Tx } from '@parley/service/tx';

/** Tells the visitor's sockets what has just been committed. A hint may be lost: they read the thread then (CHAT-6). */
@Injectable()
export class HintsService {
  constructor(private readonly broker: Broker) {}

  give(tx: Tx, sessionId: string, hint: ChatHint) {
    tx.after(() => this.broker.publish(`chat.${sessionId}`, JSON.stringify(hint)));
  }
}
