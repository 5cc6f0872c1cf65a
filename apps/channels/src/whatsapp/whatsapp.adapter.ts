import type { WhatsappSettings } from '@parley/contracts/channels';
import type { Template } from '@parley/contracts/templates';
import type { z } from 'zod';
import { type ChannelAdapter, type ConnectedChannel, type Io, type Media, Outage, type Outbound, type Raw, type Read, type Receipt, type RemoteFile, type SendIo, type Sent } from '../adapter.js';
import type { Graph, MetaCredentials } from '../meta/graph.client.js';
import { refusalOf } from '../meta/graph-errors.rules.js';
import { inTurn } from '../meta/in-turn.js';
import { fields, linkIn, list, words } from '../meta/json.rules.js';
import { handshakeOf, isSignedByMeta } from '../meta/meta-signature.rules.js';
import { readWhatsapp } from './whatsapp-reading.rules.js';
import { templatesIn } from './whatsapp-templates.rules.js';
import { callsOf, type Uploaded, uploadForm } from './whatsapp-sending.rules.js';

const TEMPLATE_PAGES = 10;
/** For so long a status may still come of a message that Meta has taken. */
const STATUS_MS = 600_000;

const settingsOf = (channel: ConnectedChannel) => channel.settings as z.output<typeof WhatsappSettings>;
const credentialsOf = (channel: ConnectedChannel) => channel.credentials as MetaCredentials;

/** WhatsApp by Meta's Cloud API (META-1, META-3, META-4). */
export class WhatsappAdapter implements ChannelAdapter {
  readonly channel = 'whatsapp';
  readonly provider = 'meta';

  constructor(private readonly graph: Graph) {}

  handshake(raw: Raw, channel: ConnectedChannel) {
    return handshakeOf(raw, credentialsOf(channel).verifyToken);
  }

  verify(raw: Raw, channel: ConnectedChannel): boolean {
    return isSignedByMeta(raw, credentialsOf(channel).appSecrets);
  }

  read(raw: Raw, channel: ConnectedChannel): Read[] {
    return readWhatsapp(raw.body, settingsOf(channel));
  }

  ack() {
    return { status: 200, contentType: 'text/plain', body: '' };
  }

  async send(message: Outbound, channel: ConnectedChannel, io: SendIo): Promise<Receipt> {
    const files: Uploaded[] = [];
    for (const file of message.attachments) {
      const bytes = await io.file(file);
      if (!bytes) return { outcome: 'refused', failure: { code: 'file_gone', reason: 'A file of this message is no longer there' }, class: 'content' };
      const uploaded = await this.upload(channel, io, uploadForm(file, bytes));
      if ('outcome' in uploaded) return uploaded;
      files.push({ file, ...uploaded });
    }
    return inTurn(callsOf(message, files).map((json) => () => this.post(channel, io, json)));
  }

  /**
   * There is no listing to ask, but statuses: Meta tells by them, mostly within seconds and with our id, of everything that it has taken. While one may
   * still come nobody knows; afterwards nothing was taken.
   */
  reconcile({ firstTriedAt }: Outbound, _: ConnectedChannel, { at }: Io): Promise<Sent[]> {
    const isEarly = at.getTime() - firstTriedAt.getTime() < STATUS_MS;
    return isEarly ? Promise.reject(new Error('No status has told yet whether it was sent')) : Promise.resolve([]);
  }

  /** An id leads to an address that lives for minutes and wants the token. */
  async media(file: RemoteFile, channel: ConnectedChannel, io: Io): Promise<Media> {
    if (!('mediaId' in file)) return { outcome: 'found', url: file.url, headers: {} };
    const answer = await this.graph.ask({ method: 'GET', path: encodeURIComponent(file.mediaId), query: { phone_number_id: settingsOf(channel).phoneNumberId } }, channel, io);
    if (!answer.ok) return refusalOf(answer.error);
    const url = linkIn(answer.said.url);
    if (!url) return { outcome: 'refused', failure: { code: 'no_address', reason: 'Meta names no address of the file' }, class: 'permanent' };
    const sha256 = words(answer.said.sha256, 64);
    return { outcome: 'found', url, headers: { authorization: `Bearer ${credentialsOf(channel).accessToken}` }, ...(sha256 && { sha256 }) };
  }

  /** Before anything was sent: whatever goes wrong here may be tried again. */
  private async upload(channel: ConnectedChannel, io: Io, form: { contentType: string; body: Buffer }): Promise<{ mediaId: string } | Receipt> {
    const answer = await this.graph.ask({ method: 'POST', path: `${settingsOf(channel).phoneNumberId}/media`, form }, channel, io).catch((error: Error) => Promise.reject(new Outage(error.message)));
    if (!answer.ok) return refusalOf(answer.error);
    const mediaId = words(answer.said.id, 200);
    return mediaId ? { mediaId } : { outcome: 'refused', failure: { code: 'no_media_id', reason: 'Meta took the file and gave it no id' }, class: 'permanent' };
  }

  /** Page by page, as far as any brand's list goes. */
  async templates(channel: ConnectedChannel, io: Io): Promise<Template[] | Extract<Receipt, { outcome: 'refused' }>> {
    const found: Template[] = [];
    for (let page = 0, after: string | null = ''; page < TEMPLATE_PAGES && after !== null; page++) {
      const query: Record<string, string> = { limit: '250', ...(after && { after }) };
      const answer = await this.graph.ask({ method: 'GET', path: `${settingsOf(channel).businessAccountId}/message_templates`, query }, channel, io);
      if (!answer.ok) return refusalOf(answer.error);
      found.push(...templatesIn(answer.said));
      const { next, cursors } = fields(answer.said.paging);
      after = next === undefined ? null : words(fields(cursors).after, 1000);
    }
    return found;
  }

  private async post(channel: ConnectedChannel, io: Io, json: object): Promise<Receipt> {
    const answer = await this.graph.ask({ method: 'POST', path: `${settingsOf(channel).phoneNumberId}/messages`, json }, channel, io);
    if (!answer.ok) return refusalOf(answer.error);
    const id = words(fields(list(answer.said.messages)[0]).id, 512);
    return id ? { outcome: 'sent', providerMessageId: id, state: 'queued' } : { outcome: 'unknown', reason: 'Meta gave the message no id' };
  }
}
