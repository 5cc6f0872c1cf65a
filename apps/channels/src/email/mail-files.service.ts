import { Injectable } from '@nestjs/common';
import { FILE_BYTES } from '@parley/contracts/attachments';
import type { Attachment } from '@parley/contracts/channels';
import { cleanName, typeOf } from '@parley/service/file-names';
import { FileStore } from '@parley/service/files';
import type { ParsedPart } from './reading.rules.js';

/** What mails bring beside words (MAIL-5): kept in the file store, known by its content and under a name that harms nobody. */
@Injectable()
export class MailFilesService {
  constructor(private readonly store: FileStore) {}

  /** One after the other, in the order of the mail. Keeping them again changes nothing. */
  async keep(account: string, parts: readonly ParsedPart[]): Promise<Omit<Attachment, 'id'>[]> {
    const kept: Omit<Attachment, 'id'>[] = [];
    for (const part of parts) kept.push(await this.keepOne(account, part));
    return kept;
  }

  private async keepOne(account: string, { name, contentType, sizeBytes, inline, content, contentId }: ParsedPart): Promise<Omit<Attachment, 'id'>> {
    const given = cleanName(name || contentType.replace('/', '.'));
    if (!content?.length) return { name: given, contentType, sizeBytes, inline };
    const { sha256, head } = await this.store.put(account, [content], FILE_BYTES);
    return { name: given, contentType: await typeOf(head, contentType), sizeBytes, inline, sha256, ...(contentId && { contentId: contentId.slice(0, 998) }) };
  }
}
