import { Injectable } from '@nestjs/common';
import { Rings, type Ring } from '@parley/service/alarm';
import type { Tx } from '@parley/service/tx';
import { RingsService } from './rings.service.js';

@Injectable()
export class TimersJobs {
  constructor(private readonly rings: RingsService) {}

  @Rings('snooze')
  snooze(tx: Tx, ring: Ring) {
    return this.rings.snooze(tx, ring);
  }

  @Rings('auto_close')
  autoClose(tx: Tx, ring: Ring) {
    return this.rings.autoClose(tx, ring);
  }

  @Rings('follow_up')
  followUp(tx: Tx, ring: Ring) {
    return this.rings.followUp(tx, ring);
  }

  @Rings('send_reply')
  sendReply(tx: Tx, ring: Ring) {
    return this.rings.sendReply(tx, ring);
  }
}
