import { Injectable } from '@nestjs/common';
import { channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import { Hears } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { ConsentsService } from './consents.service.js';
import { IdentityService } from './identity.service.js';

@Injectable()
export class ProfilesListener {
  constructor(
    private readonly consents: ConsentsService,
    private readonly identity: IdentityService,
  ) {}

  @Hears(channelEvents.consentReported, 'record-what-the-provider-says-of-consent')
  consentReported(tx: Tx, report: Data<typeof channelEvents.consentReported>) {
    return this.consents.reported(tx, report);
  }

  @Hears(channelEvents.customerIntroduced, 'learn-the-name')
  introduced(tx: Tx, { identifier, name }: Data<typeof channelEvents.customerIntroduced>) {
    return this.identity.introduced(tx, identifier, name);
  }
}
