import { Injectable } from '@nestjs/common';
import type { fileEvents } from '@parley/contracts/attachments';
import { type Attachment, channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import { cleanName } from '@parley/service/file-names';
import { newId } from '@parley/service/ids';
import { announce, type Tx } from '@parley/service/tx';
import type { InboundFile } from '../adapter.js';
import { storable } from '../inbound/content.rules.js';
import { type MediaJob, MediaRepository, type MediaRow } from './media.repository.js';
import { waitSeconds } from './media.rules.js';

/** The files of what was accepted (META-4, SMS-6): told at once, fetched behind the message, told again when they are here or cannot be had. */
@Injectable()
export class MediaService {
  constructor(private readonly media: MediaRepository) {}

  /** The files as they are told with their message. Those that are still at the provider are fetched after the commit. */
  async keep(tx: Tx, { channelId, messageId, key }: { channelId: string; messageId: string; key: string }, files: readonly InboundFile[]): Promise<Attachment[]> {
    const kept = files.map(({ remote, ...file }) => ({ remote, attachment: shown(file, remote !== undefined) }));
    await this.media.add(tx, kept.flatMap(({ remote, attachment }) => (remote ? [{ id: attachment.id, channelId, messageId, key, remote, attachment }] : [])));
    return kept.map(({ attachment }) => attachment);
  }

  /** The message was taken back: what is not fetched yet stays away. */
  unwant(tx: Tx, messageId: string) {
    return this.media.unwant(tx, messageId);
  }

  /** What is to be done now; null: nothing any more. */
  async begin(tx: Tx, job: MediaJob): Promise<MediaRow | null> {
    const row = await this.media.find(tx, job.id);
    if (row?.wanted) return row;
    await this.media.done(tx, job.id);
    return null;
  }

  /** The bytes stand in the store. Told even if the message is gone meanwhile: then tickets says that nobody needs them. */
  async stored(tx: Tx, { id, messageId }: MediaRow, attachment: Attachment, mayDiscard: boolean): Promise<void> {
    const row = await this.media.find(tx, id, 'FOR UPDATE');
    this.tell(tx, { messageId, key: row?.key ?? `gone:${messageId}`, partition: row?.partition ?? null }, row?.wanted ? attachment : { ...attachment, name: 'file' });
    if (mayDiscard && row) await this.media.toDiscard(tx, id);
    else await this.media.done(tx, id);
  }

  /** The bytes cannot be had. */
  async failed(tx: Tx, { id, attachment }: MediaRow, problem: string): Promise<void> {
    const row = await this.media.find(tx, id, 'FOR UPDATE');
    if (row?.wanted) this.tell(tx, row, { ...attachment, fetch: 'failed', problem: storable(problem).slice(0, 500) });
    await this.media.done(tx, id);
  }

  /** Not now. */
  async later(tx: Tx, job: MediaJob, row: MediaRow, reason: string, seconds: number | undefined): Promise<void> {
    const wait = waitSeconds(job.attempt, Math.random(), seconds);
    if (wait === null) return this.failed(tx, row, reason);
    await this.media.again(tx, job, wait);
  }

  /** It is deleted at the provider, or will stay there. */
  discarded(tx: Tx, id: string) {
    return this.media.done(tx, id);
  }

  /** Their bytes leave the store after the commit. */
  async forgotten(tx: Tx, { sha256 }: Data<typeof fileEvents.forgotten>) {
    await this.media.leave(tx, sha256);
  }

  private tell(tx: Tx, { messageId, key, partition }: Pick<MediaRow, 'messageId' | 'key' | 'partition'>, attachment: Attachment) {
    announce(tx, channelEvents.mediaFetched, { key, ...(partition !== null && { partition }), data: { messageId, conversationKey: key, attachment } });
  }
}

const shown = (file: Omit<InboundFile, 'remote'>, isRemote: boolean): Attachment => ({
  ...file, id: file.id ?? newId(), name: isRemote ? cleanName(file.name) : storable(file.name), contentType: storable(file.contentType), ...(isRemote && { fetch: 'pending' as const }),
});
