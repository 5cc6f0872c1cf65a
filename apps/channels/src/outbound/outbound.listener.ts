import { Injectable } from '@nestjs/common';
import type { Data } from '@parley/contracts/events';
import { messageEvents } from '@parley/contracts/messages';
import { profileEvents } from '@parley/contracts/profiles';
import { Hears } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { LinksService } from '../links/links.service.js';
import { DeliveriesService } from './deliveries.service.js';

@Injectable()
export class OutboundListener {
  constructor(
    private readonly deliveries: DeliveriesService,
    private readonly links: LinksService,
  ) {}

  @Hears(messageEvents.sent, 'put-the-answer-into-the-outbox')
  async sent(tx: Tx, answer: Data<typeof messageEvents.sent>) {
    return this.deliveries.send(tx, await this.links.shortened(tx, answer));
  }

  @Hears(profileEvents.consentChanged, 'remember-who-consented')
  consented(tx: Tx, consent: Data<typeof profileEvents.consentChanged>) {
    return this.deliveries.consented(tx, consent);
  }

  @Hears(profileEvents.blocked, 'remember-who-is-blocked')
  blocked(tx: Tx, profile: Data<typeof profileEvents.blocked>) {
    return this.deliveries.blocked(tx, profile);
  }
}
