import { Injectable } from '@nestjs/common';
import { auditEvents } from '@parley/contracts/audit';
import type { Data } from '@parley/contracts/events';
import { Hears, type Fact } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { AuditService } from './audit.service.js';

@Injectable()
export class AuditListener {
  constructor(private readonly audit: AuditService) {}

  @Hears(auditEvents.tickets, 'keep-what-was-changed-in-tickets')
  tickets(tx: Tx, record: Data<typeof auditEvents.tickets>, fact: Fact) {
    return this.audit.heard(tx, record, fact);
  }

  @Hears(auditEvents.channels, 'keep-what-was-changed-in-channels')
  channels(tx: Tx, record: Data<typeof auditEvents.channels>, fact: Fact) {
    return this.audit.heard(tx, record, fact);
  }
}
