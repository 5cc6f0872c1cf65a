import { Injectable } from '@nestjs/common';
import { type Fact, HearsAll } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { OutcomesService } from './outcomes.service.js';

@Injectable()
export class OutcomesListener {
  constructor(private readonly outcomes: OutcomesService) {}

  @HearsAll(['tickets'], 'enter-what-became-of-accepted-messages', { hurry: () => false })
  heard(tx: Tx, facts: Fact[]) {
    return this.outcomes.enter(tx, facts);
  }
}
