import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as bodyOf } from 'node:stream/consumers';
import { channels } from '@parley/contracts/channels';
import { rig, type Rig } from '@parley/service/testing/rig';
import { channelsApp } from '../src/channels.app.js';
import { PUBLIC_URL, SmsDesk } from './sms-desk.js';
import { secrets, telnyxPublicKey } from './sms-fixtures.js';
import { TwilioStandIn } from './twilio-stand-in.js';

const KEY = createPrivateKey({ key: Buffer.from(`302e020100300506032b657004220420${secrets.TELNYX_ED25519_PRIVATE_HEX}`, 'hex'), format: 'der', type: 'pkcs8' });
type Asked = { method: string; path: string; headers: IncomingMessage['headers']; body: { to?: string; text?: string; webhook_url?: string } };
type Answer = { status: number; body: unknown } | 'hang up';

/** A running channels service with an SMS channel by Telnyx, and a Telnyx of our own. */
export async function telnyxDesk(): Promise<TelnyxDesk> {
  const asked: Asked[] = [];
  const answers: Answer[] = [];
  const records: { uuid: string; tags: string[]; status: string }[] = [];
  const server = createServer((request, response) => void respond(request, response));
  async function respond(request: IncomingMessage, response: ServerResponse) {
    const body = await bodyOf(request);
    asked.push({ method: request.method!, path: request.url!, headers: request.headers, body: body ? (JSON.parse(body) as Asked['body']) : {} });
    const answer = request.method === 'POST' ? (answers.shift() ?? { status: 200, body: { data: { id: randomUUID(), to: [{ status: 'queued' }] } } }) : { status: 200, body: { data: records } };
    if (answer === 'hang up') return void request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  }
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const here = await rig(channelsApp, { env: { PARLEY_TELNYX_BASE_URL: url, PARLEY_EGRESS_ALLOW_CIDRS: '127.0.0.0/8', PARLEY_PUBLIC_URL: PUBLIC_URL } });
  const channel = await here.ask(channels.create, { type: 'sms', provider: 'telnyx', name: 'SMS', settings: { phoneNumber: '+15005550100' }, credentials: { apiKey: 'KEY-not-a-real-one', publicKey: telnyxPublicKey } });
  return new TelnyxDesk(here, channel, { asked, answers, records, stop: () => server.close() });
}

export class TelnyxDesk extends SmsDesk {
  constructor(here: Rig, channel: { id: string; webhookUrl: string | null }, readonly telnyx: { asked: Asked[]; answers: Answer[]; records: { uuid: string; tags: string[]; status: string }[]; stop(): void }) {
    super(here, new TwilioStandIn(), channel);
  }

  sentTo(phone: string): string[] {
    return this.telnyx.asked.filter(({ method, body }) => method === 'POST' && body.to === phone).map(({ body }) => body.text!);
  }

  /** An event as Telnyx posts it, signed `secondsAgo`. */
  event(type: string, payload: object, { path = this.path, secondsAgo = 0, forged = false } = {}) {
    const body = JSON.stringify({ data: { event_type: type, id: randomUUID(), occurred_at: new Date().toISOString(), payload } });
    const timestamp = String(Math.floor(Date.now() / 1000) - secondsAgo);
    const signature = sign(null, Buffer.from(`${timestamp}|${body}`), KEY).toString('base64');
    return fetch(this.here.url + path, { method: 'POST', headers: { 'content-type': 'application/json', 'telnyx-timestamp': timestamp, 'telnyx-signature-ed25519': signature }, body: forged ? body.replace('message', 'massage') : body });
  }

  writes(from: string, text: string, more: object = {}) {
    return this.event('message.received', { id: randomUUID(), from: { phone_number: from }, to: [{ phone_number: '+15005550100' }], text, media: [], ...more });
  }

  override async close() {
    await super.close();
    this.telnyx.stop();
  }
}
