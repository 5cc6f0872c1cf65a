import { Injectable } from '@nestjs/common';
import { fileEvents, type files } from '@parley/contracts/attachments';
import type { Attachment, ChannelType } from '@parley/contracts/channels';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { Alarm, type Ring } from '@parley/service/alarm';
import { newId } from '@parley/service/ids';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { refuseUnsendable } from './attachable.rules.js';
import { FilesRepository } from './files.repository.js';

const DAY_MS = 86_400_000;

/** What is known of files: name, type, size and the hash by which the file store has them. The bytes pass by the gateway and channels alone. */
@Injectable()
export class FilesService {
  constructor(
    private readonly db: DataSource,
    private readonly repository: FilesRepository,
    private readonly alarm: Alarm,
  ) {}

  register({ name, contentType, sizeBytes, sha256 }: Input<typeof files.register>, by: Actor) {
    return within(
      this.db, by,
      async (tx) => {
        const file = { id: newId(), name, contentType, sizeBytes, inline: false, sha256 };
        await this.repository.insert(tx, file);
        await this.lookAgain(tx, file.id, 1);
        return file as Attachment;
      },
      (tx, id) => this.repository.find(tx, id),
    );
  }

  find({ id }: Input<typeof files.find>, by: Actor) {
    return within(this.db, by, (tx) => this.repository.find(tx, id));
  }

  /** Those of these bytes that nothing needs any more. */
  async unneeded(tx: Tx, hashes: string[]): Promise<string[]> {
    return hashes.length ? this.repository.unneeded(tx, [...new Set(hashes)]) : [];
  }

  /** A day has passed: what no message holds is forgotten, but for what a reply waits to send. */
  async unsent(tx: Tx, { subject, generation, claim }: Ring): Promise<void> {
    if (!(await claim())) return;
    if (await this.repository.isAwaited(tx, subject.id)) await this.lookAgain(tx, subject.id, generation + 1);
    else await this.abandon(tx, [subject.id]);
  }

  /** Files that nobody has sent within a day. */
  async abandon(tx: Tx, ids: string[]): Promise<void> {
    const sha256 = await this.unneeded(tx, await this.repository.dropUnsent(tx, ids));
    if (sha256.length) announce(tx, fileEvents.forgotten, { key: tx.by.account, data: { sha256 } });
  }

  private async lookAgain(tx: Tx, id: string, generation: number): Promise<void> {
    await this.alarm.set(tx, { kind: 'unsent_upload', subject: { type: 'attachment', id }, generation, dueAt: new Date(tx.at.getTime() + DAY_MS), reason: {} });
  }

  /** The files of a reply by this channel. @throws ContractError ATTACHMENT_NOT_FOUND, ATTACHMENTS_NOT_SUPPORTED, TOO_LARGE */
  async ofReply(tx: Tx, channel: ChannelType, ids: string[]): Promise<Attachment[]> {
    const wanted = [...new Set(ids)];
    if (!wanted.length) return [];
    const found = await this.repository.some(tx, wanted);
    const missing = wanted.find((id) => !found.some((file) => file.id === id));
    if (missing) throw new ContractError('ATTACHMENT_NOT_FOUND', `No file ${missing}`);
    refuseUnsendable(channel, found);
    return found.map((file) => ({ ...file, inline: false }));
  }
}
