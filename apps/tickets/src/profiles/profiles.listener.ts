import { Injectable } from '@nestjs/common';
import { channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import { Hears } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { ConsentsService } from './consents.service.js';

@Injectable()
export class ProfilesListener {
  constructor(private readonly consents: ConsentsService) {}

  @Hears(channelEvents.consentReported, 'record-what-the-provider-says-of-consent')
  consentReported(tx: Tx, report: Data<typeof channelEvents.consentReported>) {
    return this.consents.reported(tx, report);
  }
}
