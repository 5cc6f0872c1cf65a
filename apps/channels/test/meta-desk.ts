import { createHmac } from 'node:crypto';
import { channels } from '@parley/contracts/channels';
import { messageEvents } from '@parley/contracts/messages';
import { newId } from '@parley/service/ids';
import { type Rig, rig } from '@parley/service/testing/rig';
import { channelsApp } from '../src/channels.app.js';
import { GraphStandIn } from './graph-stand-in.js';
import { fixture, META_APP_SECRET, META_VERIFY_TOKEN } from './meta-fixtures.js';

const PUBLIC_URL = 'https://parley.example.com';
export const PHONE_NUMBER_ID = '106540352242922';
export const ACCOUNT_ID = '17841400008460056';
const CREDENTIALS = { appSecrets: ['a-newer-secret-of-the-app', META_APP_SECRET], verifyToken: META_VERIFY_TOKEN, accessToken: 'token-of-no-account' };
const TO = { whatsapp: { type: 'phone', value: '+16505551234', verified: true }, instagram: { type: 'igsid', value: '1784145300012345', verified: true } } as const;

type Door = keyof typeof TO;
type Connected = { id: string; webhookUrl: string | null };

/** A running channels service with a WhatsApp and an Instagram channel, and a Graph API of our own. */
export async function metaDesk() {
  const graph = new GraphStandIn();
  const url = await graph.start();
  const here = await rig(channelsApp, { env: { PARLEY_GRAPH_BASE_URL: url, PARLEY_INSTAGRAM_GRAPH_BASE_URL: url, PARLEY_EGRESS_ALLOW_CIDRS: '127.0.0.0/8', PARLEY_PUBLIC_URL: PUBLIC_URL } });
  const whatsapp = await here.ask(channels.create, {
    type: 'whatsapp', name: 'WhatsApp', credentials: CREDENTIALS,
    settings: { phoneNumber: '+15550783881', phoneNumberId: PHONE_NUMBER_ID, businessAccountId: '102290129340398', buttons: { stop: ['stop_promotions'] } },
  });
  const instagram = await here.ask(channels.create, { type: 'instagram', name: 'Instagram', settings: { accountId: ACCOUNT_ID }, credentials: CREDENTIALS });
  return new MetaDesk(here, graph, { whatsapp, instagram });
}

export class MetaDesk {
  private places = 0;

  constructor(
    readonly here: Rig,
    readonly graph: GraphStandIn,
    readonly channels: Record<Door, Connected>,
  ) {}

  path(door: Door): string {
    return this.channels[door].webhookUrl!.slice(PUBLIC_URL.length);
  }

  /** Posts bytes as Meta does, with this signature or the right one. */
  post(door: Door, body: Buffer, signature = `sha256=${createHmac('sha256', META_APP_SECRET).update(body).digest('hex')}`) {
    return fetch(this.here.url + this.path(door), { method: 'POST', headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature }, body: new Uint8Array(body) });
  }

  /** Posts a delivery of the collection as it stands there. */
  deliver(door: Door, name: string) {
    const { body, headers } = fixture(door, name);
    return this.post(door, body, headers['x-hub-signature-256']);
  }

  whatsapps(value: object) {
    return this.post('whatsapp', Buffer.from(JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ field: 'messages', value: { metadata: { phone_number_id: PHONE_NUMBER_ID }, ...value } }] }] })));
  }

  instagrams(...messaging: object[]) {
    return this.post('instagram', Buffer.from(JSON.stringify({ object: 'instagram', entry: [{ id: ACCOUNT_ID, time: 1795166100123, messaging }] })));
  }

  /** Lets tickets say that somebody has answered. */
  async reply(door: Door, text: string, { author = 'agent' as 'agent' | 'automation', template = null as { name: string; language: string; variables: string[] } | null, to = TO[door] as { type: 'phone' | 'igsid'; value: string; verified: boolean } } = {}) {
    const [id, ticketId, at, seq] = [newId(), newId(), new Date().toISOString(), ++this.places];
    await this.here.say(messageEvents.sent, {
      key: ticketId, ticket: ticketId,
      data: {
        template,
        message: {
          id, ticketId, seq, direction: 'outbound', author: { type: author, id: newId(), name: 'Anna' }, text, html: null, truncated: false, attachments: [],
          keyword: null, automatic: null, note: null, delivery: { state: 'queued', failure: null }, occurredAt: at, receivedAt: at, readAt: null,
        },
        ticket: {
          id: ticketId, number: 1, channel: door, channelId: this.channels[door].id, profile: { id: newId(), name: null }, subject: null, status: 'open', snoozedUntil: null,
          assigneeId: null, teamId: null, tags: [], priority: 'normal', spam: false, unread: true, preview: null, lastSeq: 1, lastMessageAt: at, waitingSince: null,
          createdAt: at, firstResponseAt: null, closedAt: null, language: null, attribution: null, version: 1,
        },
        route: { channelId: this.channels[door].id, channel: door, to, toName: null, sessionId: null, threadId: null, subject: null },
      },
    });
    return { id, ticketId };
  }

  async facts<T>(type: string): Promise<T[]> {
    return (await this.here.facts(type)).map(({ data }) => data as T);
  }

  /** What was told of an answer, once it has come that far. */
  async reaches(id: string, state: string) {
    const told = async () => (await this.facts<{ messageId: string; state: string; class: string | null; failure: { code: string; reason: string } | null; providerMessageId: string | null }>('channel.delivery_changed')).filter(({ messageId }) => messageId === id);
    return this.here.until(async () => (await told()).find((one) => one.state === state), `the answer to be ${state}`);
  }

  /** Meta's id of an answer, once it has taken it. */
  async taken(id: string): Promise<string> {
    return this.here.until(async () => (await this.here.tx((tx) => tx.sql<{ wamid: string }>('SELECT provider_message_id AS wamid FROM delivery WHERE id = $1', [id])))[0]?.wamid, 'the answer to be taken');
  }

  async close() {
    await this.here?.close();
    this.graph.stop();
  }
}
