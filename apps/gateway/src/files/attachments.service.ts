import { Inject, Injectable } from '@nestjs/common';
import { attachments, FILE_BYTES, files, INLINE_TYPES, LINK_SECONDS } from '@parley/contracts/attachments';
import type { Attachment } from '@parley/contracts/channels';
import type { Actor, Input, Output } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { webchat } from '@parley/contracts/webchat';
import { cleanName, typeOf } from '@parley/service/file-names';
import { FileStore } from '@parley/service/files';
import { SafeHttp } from '@parley/service/http';
import { FileLinks, type Bearer } from '@parley/service/links';
import { ENV } from '@parley/service/service';
import { Services } from '@parley/service/services';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { CallersService } from '../api/callers.service.js';
import { IdempotencyService } from '../api/idempotency.service.js';
import type { GatewayEnv } from '../gateway.config.js';
import { cleaned } from './pictures.js';
import { receiveFile } from './upload.js';

/** A file on its way out. `inline`: a browser may show it by itself. */
export type Outgoing = { name: string; contentType: string; sizeBytes: number; inline: boolean; bytes: Readable };

/** Files come in and go out here; what is known of them is the tickets service’s. */
@Injectable()
export class AttachmentsService {
  private readonly links: FileLinks;

  constructor(
    private readonly services: Services, private readonly callers: CallersService, private readonly store: FileStore, private readonly idempotency: IdempotencyService,
    private readonly http: SafeHttp,
    @Inject(ENV) private readonly env: GatewayEnv,
  ) {
    this.links = new FileLinks(env.PARLEY_SECRET_KEY);
  }

  /** Keeps the file and tells the tickets service; a repeat under the same key with the same bytes is the same file. */
  async upload(request: IncomingMessage, by: Actor, { key, traceId }: { key: string | undefined; traceId: string }) {
    const file = await receiveFile(request, async ({ name, declaredType, bytes }) => {
      const { sha256, sizeBytes, head } = await this.store.put(by.account, bytes, FILE_BYTES);
      return { name: cleanName(name), contentType: await typeOf(head, declaredType), sizeBytes, sha256 };
    });
    if (file.sizeBytes === 0) throw unfit('is an empty file');
    return this.idempotency.once(attachments.upload, { key, input: file, by, traceId }, async (actor) => ({ status: 201, body: await this.services.ask(files.register, file, internal(actor)) }));
  }

  /** The same for a visitor, who may send it with a message of theirs: a picture is kept without what the camera noted (TKT-10, CHAT-6). */
  async uploadAsVisitor(request: IncomingMessage, by: Actor, { key, traceId }: { key: string | undefined; traceId: string }) {
    const file = await receiveFile(request, async ({ name, declaredType, bytes }) => {
      const { contentType, bytes: clean } = await cleaned(bytes, declaredType);
      const { sha256, sizeBytes } = await this.store.put(by.account, clean, FILE_BYTES);
      return { name: cleanName(name), contentType, sizeBytes, sha256 };
    });
    if (file.sizeBytes === 0) throw unfit('is an empty file');
    return this.idempotency.once(attachments.uploadAsVisitor, { key, input: file, by, traceId }, async (actor) => {
      const kept = await this.services.ask(files.register, file, internal(actor));
      await this.services.ask(webchat.keepFile, { file: { ...kept, sha256: file.sha256 } }, internal(by));
      const { token } = await this.links.make({ file: kept.id, account: by.account, kind: 'chat', holder: by.id! }, LINK_SECONDS);
      const { id, name, contentType, sizeBytes } = kept;
      return { status: 201, body: { id, name, contentType, sizeBytes, url: `${this.env.PARLEY_PUBLIC_URL}/v1/webchat/attachments/${id}?token=${token}` } };
    });
  }

  /** What is known of a file, and a link for whoever holds this token. */
  async link({ id }: Input<typeof attachments.get>, by: Actor, token: string): Promise<Output<typeof attachments.get>> {
    const file = await this.services.ask(files.find, { id }, internal(by));
    const credential = await this.callers.credentialOf(token);
    const link = await this.links.make({ file: id, account: by.account, kind: credential.kind, holder: credential.id }, LINK_SECONDS);
    return { ...file, url: `${this.env.PARLEY_PUBLIC_URL}/v1/attachments/${id}/content?token=${link.token}`, expiresAt: link.expiresAt };
  }

  /** MAIL-5: an image from elsewhere, as it is at this moment; a copy of it is kept like a file that somebody uploads. @throws ContractError IMAGE_NOT_AVAILABLE */
  async remoteImage(input: Input<typeof attachments.remoteImage>, by: Actor, token: string): Promise<Output<typeof attachments.remoteImage>> {
    const { url } = await this.services.ask(files.remoteImage, input, internal(by));
    const { status, body } = await this.http.send({ method: 'GET', url, headers: { accept: 'image/*' }, maxBytes: REMOTE_IMAGE_BYTES }).catch((error: Error) => Promise.reject(noImage(error.message)));
    const contentType = await typeOf(body.subarray(0, 4100), 'application/octet-stream');
    if (status !== 200 || !(INLINE_TYPES as readonly string[]).includes(contentType)) throw noImage(status === 200 ? 'It is no image' : `The server answered ${status}`);
    const { sha256, sizeBytes } = await this.store.put(by.account, [body], FILE_BYTES);
    const { id } = await this.services.ask(files.register, { name: `image.${contentType.slice('image/'.length)}`, contentType, sizeBytes, sha256 }, internal(by));
    return this.link({ id }, by, token);
  }

  /**
   * Whose link this is: somebody who is still signed in and may read tickets; `token`: an Authorization header that came with it must be theirs.
   * @throws ContractError ATTACHMENT_NOT_FOUND for everything else (security.md 6)
   */
  async bearerOf(id: string, link: string, token: string | undefined): Promise<Actor> {
    const { kind, holder, account } = await this.opened(id, link);
    const by = kind === 'chat' || kind === 'provider' ? null : await this.callers.staff({ kind, id: holder }).catch(asGone);
    const other = token === undefined ? by : await this.callers.credentialOf(token).then((credential) => this.callers.staff(credential)).catch(asGone);
    if (!by || by.account !== account || other?.id !== by.id || !by.scopes.includes('tickets:read')) throw gone(id);
    return by;
  }

  /** @throws ContractError ATTACHMENT_NOT_FOUND */
  async file(id: string, by: Actor): Promise<Outgoing> {
    return this.outgoing(by.account, await this.services.ask(files.find, { id }, internal(by)));
  }

  /** For a visitor, by a link of their chat. @throws ContractError ATTACHMENT_NOT_FOUND where it is too old, or the chat is closed */
  async chatFile(id: string, link: string): Promise<Outgoing> {
    const { kind, holder, account } = await this.opened(id, link);
    if (kind !== 'chat') throw gone(id);
    const visitor: Actor = { account, type: 'customer', id: holder, scopes: ['internal'] };
    return this.outgoing(account, await this.services.ask(webchat.file, { sessionId: holder, attachmentId: id }, visitor));
  }

  /** For the provider who is to send it on, by a link of ours. @throws ContractError ATTACHMENT_NOT_FOUND where it is too old */
  async outgoingFile(id: string, link: string): Promise<Outgoing> {
    const { kind, account } = await this.opened(id, link);
    if (kind !== 'provider') throw gone(id);
    return this.file(id, { account, type: 'system', id: null, scopes: [] });
  }

  private async opened(id: string, link: string): Promise<Bearer> {
    const bearer = await this.links.open(link);
    if (!bearer || bearer.file !== id) throw gone(id);
    return bearer;
  }

  private async outgoing(account: string, { id, name, contentType, sizeBytes, sha256 }: Attachment): Promise<Outgoing> {
    const bytes = sha256 ? await this.store.read(account, sha256) : null;
    if (!bytes) throw gone(id);
    return { name, contentType, sizeBytes, inline: (INLINE_TYPES as readonly string[]).includes(contentType), bytes };
  }
}

const REMOTE_IMAGE_BYTES = 5 * 1024 * 1024;
const noImage = (detail: string) => new ContractError('IMAGE_NOT_AVAILABLE', detail);
const unfit = (message: string) => new ContractError('VALIDATION_FAILED', 'The upload cannot be taken', { errors: [{ pointer: '', message }] });
const internal = (by: Actor): Actor => ({ ...by, scopes: ['internal'] });
const gone = (id: string) => new ContractError('ATTACHMENT_NOT_FOUND', `No file ${id}, or the link is no longer good`);
const asGone = (error: unknown) => {
  if (error instanceof ContractError && error.code === 'UNAVAILABLE') throw error;
  return null;
};
