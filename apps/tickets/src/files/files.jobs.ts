import { Injectable } from '@nestjs/common';
import { Rings, type Ring } from '@parley/service/alarm';
import type { Tx } from '@parley/service/tx';
import { FilesService } from './files.service.js';

@Injectable()
export class FilesJobs {
  constructor(private readonly files: FilesService) {}

  @Rings('unsent_upload')
  unsent(tx: Tx, ring: Ring) {
    return this.files.unsent(tx, ring);
  }
}
