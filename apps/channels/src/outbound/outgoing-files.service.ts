import { Inject, Injectable } from '@nestjs/common';
import { PROVIDER_LINK_SECONDS } from '@parley/contracts/attachments';
import type { Attachment } from '@parley/contracts/channels';
import { FileStore } from '@parley/service/files';
import { FileLinks } from '@parley/service/links';
import { ENV } from '@parley/service/service';
import { Outage, type SendIo } from '../adapter.js';
import type { ChannelsEnv } from '../channels.config.js';

/** The files of answers, as adapters get them: their bytes, or an address from which the provider fetches them itself. */
@Injectable()
export class OutgoingFilesService {
  private readonly links: FileLinks;

  constructor(
    private readonly store: FileStore,
    @Inject(ENV) private readonly env: ChannelsEnv,
  ) {
    this.links = new FileLinks(env.PARLEY_SECRET_KEY);
  }

  of({ id, account }: { id: string; account: string }): Pick<SendIo, 'file' | 'link'> {
    return { file: (attachment) => this.bytes(account, attachment), link: (attachment) => this.link(account, id, attachment) };
  }

  /** Served by the gateway to whoever has it, for an hour. */
  private async link(account: string, channelId: string, { id }: Attachment): Promise<string> {
    const { token } = await this.links.make({ file: id, account, kind: 'provider', holder: channelId }, PROVIDER_LINK_SECONDS);
    return `${this.env.PARLEY_PUBLIC_URL.replace(/\/$/, '')}/v1/media/${id}?token=${token}`;
  }

  private async bytes(account: string, { sha256 }: Attachment): Promise<Buffer | null> {
    const content = sha256 ? await this.store.read(account, sha256).catch((error: Error) => Promise.reject(new Outage(error.message))) : null;
    return content && Buffer.concat((await content.toArray()) as Buffer[]);
  }
}
