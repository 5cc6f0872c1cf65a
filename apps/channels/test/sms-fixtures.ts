import { readFileSync } from 'node:fs';
import type { ConnectedChannel, Outbound, Raw, SendIo } from '../src/adapter.js';

type Fixture = { file: string; method: string; url: string; headers: Record<string, string> };
const FOLDER = new URL('./fixtures/sms/', import.meta.url);
const index = JSON.parse(readFileSync(new URL('index.json', FOLDER), 'utf8')) as { secrets: Record<'TWILIO_AUTH_TOKEN' | 'TELNYX_ED25519_PRIVATE_HEX', string>; telnyxPublicKey: string; fixtures: Fixture[] };

/** With what the collection is signed; belongs to nobody. */
export const secrets = index.secrets;
export const telnyxPublicKey = index.telnyxPublicKey;

/** A delivery of the collection as it came in, when it came. */
export function fixture(name: string): Raw {
  const found = index.fixtures.find(({ file }) => file === `sms/${name}`)!;
  const headers = Object.fromEntries(Object.entries(found.headers).map(([header, value]) => [header.toLowerCase(), value]));
  return { method: found.method, url: found.url, headers, body: readFileSync(new URL(name, FOLDER)), receivedAt: new Date('2026-11-20T09:15:00Z') };
}

export const fixtureJson = (name: string): unknown => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));

/** A channel for texts by the number of the collection. */
export const smsChannel = ({ provider, settings, credentials }: Pick<ConnectedChannel, 'provider' | 'settings' | 'credentials'>): ConnectedChannel => ({
  id: '0199a5b0-0000-7000-8000-000000000007', account: '0199a5b0-0000-7000-8000-000000000001', type: 'sms', provider, name: 'SMS', enabled: true,
  address: '+15005550100', settings: { phoneNumber: '+15005550100', ...settings }, credentials, webhookUrl: 'https://parley.example.com/hooks/k', forwardingAddress: null, widgetKey: null, version: 1,
});

export const outbound: Outbound = {
  id: '0199a5b0-0000-7000-8000-0000000000aa', ticketId: null, to: { type: 'phone', value: '+15035550142', verified: true }, toName: null, sessionId: null, threadId: null, subject: null,
  text: 'On its way', html: null, attachments: [], firstTriedAt: new Date('2026-11-20T09:15:00Z'),
};

type Answer = { status: number; body: unknown; headers?: Record<string, string> };
type Asked = { method: string; url: string; headers?: Record<string, string>; body?: string | Uint8Array };

/** A provider that gives these answers, the last one again and again, and keeps what it was asked. `at`: what time it is. */
export function answering(...answers: [Answer, ...Answer[]]): { io: SendIo; asked: Asked[] } {
  const asked: Asked[] = [];
  const send = (request: Asked) => {
    asked.push(request);
    const { status, body, headers = {} } = answers[Math.min(asked.length, answers.length) - 1]!;
    return Promise.resolve({ status, headers, body: Buffer.from(JSON.stringify(body)) });
  };
  const io: SendIo = { http: { send }, at: new Date('2026-11-20T09:15:00Z'), file: () => Promise.resolve(null), link: ({ id }) => Promise.resolve(`https://parley.example.com/files/${id}`) };
  return { io, asked };
}
