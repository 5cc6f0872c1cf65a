import { Injectable } from '@nestjs/common';
import { channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import { Hears } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { FilesService } from './files.service.js';

@Injectable()
export class FilesListener {
  constructor(private readonly files: FilesService) {}

  @Hears(channelEvents.uploadsAbandoned, 'forget-files-that-were-never-sent')
  abandoned(tx: Tx, uploads: Data<typeof channelEvents.uploadsAbandoned>) {
    return this.files.abandon(tx, uploads.fileIds);
  }
}
