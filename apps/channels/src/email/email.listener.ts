import { Injectable } from '@nestjs/common';
import { accessEvents } from '@parley/contracts/access';
import type { Data } from '@parley/contracts/events';
import { Hears } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { ForwardsService } from './forwards.service.js';

@Injectable()
export class EmailListener {
  constructor(private readonly forwards: ForwardsService) {}

  @Hears(accessEvents.userCreated, 'remember-the-address-of-a-colleague')
  joined(tx: Tx, user: Data<typeof accessEvents.userCreated>) {
    return this.forwards.colleague(tx, user);
  }

  @Hears(accessEvents.userUpdated, 'remember-the-changed-address-of-a-colleague')
  changed(tx: Tx, user: Data<typeof accessEvents.userUpdated>) {
    return this.forwards.colleague(tx, user);
  }
}
