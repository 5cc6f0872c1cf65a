import { Injectable } from '@nestjs/common';
import type { Data } from '@parley/contracts/events';
import { messageEvents } from '@parley/contracts/messages';
import { Hears, HearsAll, type Fact } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { FactsService } from './facts.service.js';

@Injectable()
export class FactsListener {
  constructor(private readonly facts: FactsService) {}

  @HearsAll(['tickets', 'channels', 'access', 'notifications'], 'keep-every-fact-and-measure-it', { hurry: () => false })
  heard(tx: Tx, facts: Fact[]) {
    return this.facts.keep(tx, facts);
  }

  @Hears(messageEvents.updated, 'forget-what-was-taken-back')
  async updated(tx: Tx, { message }: Data<typeof messageEvents.updated>) {
    if (message.deletedAt) await this.facts.forget(tx, message);
  }
}
