import { Injectable } from '@nestjs/common';
import { accessEvents } from '@parley/contracts/access';
import type { Data } from '@parley/contracts/events';
import { Rings, type Ring } from '@parley/service/alarm';
import { Hears } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { AssignmentService } from './assignment.service.js';

@Injectable()
export class AssignmentListener {
  constructor(private readonly assignment: AssignmentService) {}

  @Hears(accessEvents.userUpdated, 'hand-out-what-waits-to-whoever-has-come-online')
  async userUpdated(tx: Tx, { active, availability }: Data<typeof accessEvents.userUpdated>) {
    if (active && availability === 'online') await this.assignment.lookAgain(tx, 'somebody has come online');
  }

  @Rings('hand_out')
  handOut(tx: Tx, ring: Ring) {
    return this.assignment.handOut(tx, ring);
  }
}
