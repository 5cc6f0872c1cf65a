import { Injectable } from '@nestjs/common';
import { Rings, type Ring } from '@parley/service/alarm';
import type { Tx } from '@parley/service/tx';
import { AuditService } from './audit.service.js';

@Injectable()
export class AuditJobs {
  constructor(private readonly audit: AuditService) {}

  @Rings('audit_retention')
  retention(tx: Tx, ring: Ring) {
    return this.audit.forgetOld(tx, ring);
  }
}
