import { Injectable } from '@nestjs/common';
import type { Attachment } from '@parley/contracts/channels';
import { FileStore } from '@parley/service/files';
import { Outage, type SendIo } from '../adapter.js';

/** The files of answers, as adapters get them. */
@Injectable()
export class OutgoingFilesService {
  constructor(private readonly store: FileStore) {}

  of(account: string): Pick<SendIo, 'file' | 'link'> {
    return { file: (attachment) => this.bytes(account, attachment), link: () => Promise.reject(new Outage('No file can be fetched from here yet')) };
  }

  private async bytes(account: string, { sha256 }: Attachment): Promise<Buffer | null> {
    const content = sha256 ? await this.store.read(account, sha256).catch((error: Error) => Promise.reject(new Outage(error.message))) : null;
    return content && Buffer.concat((await content.toArray()) as Buffer[]);
  }
}
