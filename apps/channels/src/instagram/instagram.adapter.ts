import type { Identifier, InstagramSettings } from '@parley/contracts/channels';
import type { z } from 'zod';
import { type ChannelAdapter, type ConnectedChannel, type Io, Outage, type Outbound, type Raw, type Read, type Receipt, type SendIo, type Sent } from '../adapter.js';
import type { Graph, GraphAnswer, MetaCredentials } from '../meta/graph.client.js';
import { refusalOf } from '../meta/graph-errors.rules.js';
import { inTurn } from '../meta/in-turn.js';
import { type Fields, fields, idIn, list, words } from '../meta/json.rules.js';
import { handshakeOf, isSignedByMeta } from '../meta/meta-signature.rules.js';
import { readInstagram } from './instagram-reading.rules.js';
import { fileTypeOf, messagesOf, textsOf } from './instagram-sending.rules.js';

const settingsOf = (channel: ConnectedChannel) => channel.settings as z.output<typeof InstagramSettings>;
const credentialsOf = (channel: ConnectedChannel) => channel.credentials as MetaCredentials;

/** Direct messages of Instagram (META-1, META-2), for accounts signed in by Instagram itself or by their Facebook page: the two differ in the address of the API. */
export class InstagramAdapter implements ChannelAdapter {
  readonly channel = 'instagram';
  readonly provider = 'meta';

  constructor(private readonly graphs: Readonly<Record<'instagram' | 'facebook', Graph>>) {}

  handshake(raw: Raw, channel: ConnectedChannel) {
    return handshakeOf(raw, credentialsOf(channel).verifyToken);
  }

  verify(raw: Raw, channel: ConnectedChannel): boolean {
    return isSignedByMeta(raw, credentialsOf(channel).appSecrets);
  }

  read(raw: Raw, channel: ConnectedChannel): Read[] {
    return readInstagram(raw.body, settingsOf(channel));
  }

  ack() {
    return { status: 200, contentType: 'text/plain', body: '' };
  }

  async send(message: Outbound, channel: ConnectedChannel, io: SendIo): Promise<Receipt> {
    const files: { type: NonNullable<ReturnType<typeof fileTypeOf>>; url: string }[] = [];
    for (const file of message.attachments) {
      const type = fileTypeOf(file);
      if (!type) return { outcome: 'refused', failure: { code: 'file_type', reason: `Instagram takes no ${file.contentType} of this size` }, class: 'content' };
      files.push({ type, url: await io.link(file) });
    }
    return inTurn(messagesOf(message.text, files).map((json) => () => this.deliver(json, message, channel, io)));
  }

  /** The name of the profile, else its handle. Instagram tells it of whoever has written to the brand. */
  async nameOf(person: Identifier, channel: ConnectedChannel, io: Io): Promise<string | null> {
    const answer = await this.ask({ method: 'GET', path: encodeURIComponent(person.value), query: { fields: 'name,username' } }, channel, io);
    return answer.ok ? (words(answer.said.name, 200) ?? words(answer.said.username, 200)) : null;
  }

  /** Among the messages of the conversation, by their words: files look all the same, and of them nobody can say. */
  async reconcile(message: Outbound, channel: ConnectedChannel, io: Io): Promise<Sent[]> {
    const texts = textsOf(message.text);
    if (message.attachments.length || texts.length > 1) throw new Error('Instagram’s listing cannot tell whether it was sent');
    const answer = await this.ask({ method: 'GET', path: 'me/conversations', query: { platform: 'instagram', user_id: message.to.value, fields: 'messages.limit(25){id,created_time,from,message}' } }, channel, io);
    if (!answer.ok) throw new Outage(`Instagram’s listing: ${answer.error.reason}`);
    const since = message.firstTriedAt.getTime() - 60_000;
    const conversations = list(answer.said.data).map((one) => list(fields(fields(one).messages).data).map(fields));
    const ours = conversations.flat().filter((one) => isOurs(one, message.to.value) && one.message === message.text && !(Date.parse(words(one.created_time, 40) ?? '') < since));
    return ours.flatMap((one) => idIn(one.id) ?? []).reverse().map((id): Sent => ({ outcome: 'sent', providerMessageId: id, state: 'sent' })); // the newest comes first
  }

  /** Later than 24 hours people alone may answer, under a tag that nothing automatic ever carries (TKT-11). */
  private async deliver(json: object, message: Outbound, channel: ConnectedChannel, io: Io): Promise<Receipt> {
    const body = { recipient: { id: message.to.value }, message: json };
    const receipt = receiptOf(await this.post({ ...body, messaging_type: 'RESPONSE' }, channel, io));
    const mayTag = message.byPerson === true && settingsOf(channel).humanAgent;
    if (!mayTag || receipt.outcome !== 'refused' || receipt.class !== 'window') return receipt;
    return receiptOf(await this.post({ ...body, messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' }, channel, io));
  }

  private post(json: object, channel: ConnectedChannel, io: Io) {
    return this.ask({ method: 'POST', path: 'me/messages', json }, channel, io);
  }

  private ask(call: Parameters<Graph['ask']>[0], channel: ConnectedChannel, io: Io): Promise<GraphAnswer> {
    return this.graphs[settingsOf(channel).login].ask(call, channel, io);
  }
}

const isOurs = ({ from }: Fields, customer: string) => idIn(fields(from).id) !== customer;

function receiptOf(answer: GraphAnswer): Receipt {
  if (!answer.ok) return refusalOf(answer.error);
  const id = idIn(answer.said.message_id);
  return id ? { outcome: 'sent', providerMessageId: id, state: 'sent' } : { outcome: 'unknown', reason: 'Meta gave the message no id' };
}
