import { Injectable } from '@nestjs/common';
import { accessEvents } from '@parley/contracts/access';
import { EVENT_BY_TYPE } from '@parley/contracts/everything';
import type { Data } from '@parley/contracts/events';
import { settingsEvents } from '@parley/contracts/settings';
import { Hears, HearsAll, type Fact } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { StaffMailService } from './staff-mail.service.js';
import { StaffService } from './staff.service.js';

@Injectable()
export class StaffMailListener {
  constructor(
    private readonly staff: StaffService,
    private readonly mails: StaffMailService,
  ) {}

  @Hears(accessEvents.userCreated, 'know-who-works-here')
  userCreated(tx: Tx, user: Data<typeof accessEvents.userCreated>) {
    return this.staff.personChanged(tx, user);
  }

  @Hears(accessEvents.userUpdated, 'know-what-changed-of-who-works-here')
  userUpdated(tx: Tx, user: Data<typeof accessEvents.userUpdated>) {
    return this.staff.personChanged(tx, user);
  }

  @Hears(settingsEvents.changed, 'know-what-staff-want-to-be-told-of')
  async settingsChanged(tx: Tx, settings: Data<typeof settingsEvents.changed>) {
    if (settings.area === 'notifications') await this.staff.settingsChanged(tx, settings);
  }

  @HearsAll(['tickets'], 'tell-staff-by-mail', { hurry: (type) => EVENT_BY_TYPE.get(type)?.public ?? false })
  heard(tx: Tx, facts: Fact[]) {
    return this.mails.heard(tx, facts);
  }
}
