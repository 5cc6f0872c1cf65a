import { Injectable } from '@nestjs/common';
import { fileEvents } from '@parley/contracts/attachments';
import type { Data } from '@parley/contracts/events';
import { Hears } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { MediaService } from './media.service.js';

@Injectable()
export class MediaListener {
  constructor(private readonly media: MediaService) {}

  @Hears(fileEvents.forgotten, 'take-the-bytes-out-of-the-store')
  forgotten(tx: Tx, files: Data<typeof fileEvents.forgotten>) {
    return this.media.forgotten(tx, files);
  }
}
