import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ConnectedChannel, Io, Outbound, Raw } from '../src/adapter.js';

type Index = { secrets: { META_APP_SECRET: string; META_VERIFY_TOKEN: string }; fixtures: { file: string; headers: Record<string, string> }[] };
type Door = 'instagram' | 'whatsapp';

const FOLDER = new URL('fixtures/', import.meta.url);
const index = (door: Door) => JSON.parse(readFileSync(new URL(`${door}/index.json`, FOLDER), 'utf8')) as Index;

export const { META_APP_SECRET, META_VERIFY_TOKEN } = index('whatsapp').secrets;

/** A delivery of the collection, with the signature that came with it. */
export function fixture(door: Door, name: string): Raw {
  const body = readFileSync(new URL(`${door}/${name}`, FOLDER));
  const headers = index(door).fixtures.find(({ file }) => file === `${door}/${name}`)?.headers ?? {};
  return { method: 'POST', url: 'https://parley.example.com/hooks/k', headers: { 'x-hub-signature-256': headers['X-Hub-Signature-256'] }, body, receivedAt: new Date('2026-11-20T09:15:00Z') };
}

/** A delivery made here, signed by the app secret of the collection. */
export function signed(delivery: object): Raw {
  const body = Buffer.from(JSON.stringify(delivery));
  return { ...fixture('whatsapp', '01-text.json'), headers: { 'x-hub-signature-256': `sha256=${createHmac('sha256', META_APP_SECRET).update(body).digest('hex')}` }, body };
}

export const metaChannel = (type: Door, settings: object): ConnectedChannel => ({
  id: '0199a5b0-0000-7000-8000-000000000007', account: '0199a5b0-0000-7000-8000-000000000001', type, provider: 'meta', name: type, enabled: true, address: null,
  settings: { ...settings }, credentials: { appSecrets: ['a-newer-secret-of-the-app', META_APP_SECRET], verifyToken: META_VERIFY_TOKEN, accessToken: 'token-of-no-account' },
  webhookUrl: 'https://parley.example.com/hooks/k', forwardingAddress: null, widgetKey: null, version: 1,
});

export const somebodyElse = (channel: ConnectedChannel): ConnectedChannel => ({ ...channel, credentials: { ...channel.credentials, appSecrets: ['secret-of-another-app'] } });

export const outboundTo = (to: Outbound['to'], more: Partial<Outbound> = {}): Outbound => ({
  id: '0199a5b0-0000-7000-8000-0000000000aa', ticketId: null, to, toName: null, sessionId: null, threadId: null, subject: null, text: 'On its way', html: null, attachments: [],
  firstTriedAt: new Date('2026-11-20T09:15:00Z'), ...more,
});

type Asked = { method: string; url: string; body?: string | Uint8Array };

/** A Graph API that gives these answers, first to last and the last one for ever; keeps what was asked. */
export function graphThat(...answers: { status: number; body: unknown; headers?: Record<string, string> }[]) {
  const asked: Asked[] = [];
  const io = {
    at: new Date(0),
    file: () => Promise.resolve(Buffer.from('8 bytes.')),
    link: ({ id }: { id: string }) => Promise.resolve(`https://parley.example.com/media/${id}`),
    http: {
      send: (request: Asked) => {
        asked.push(request);
        const { status, body, headers = {} } = answers[Math.min(asked.length, answers.length) - 1]!;
        return Promise.resolve({ status, headers, body: Buffer.from(JSON.stringify(body)) });
      },
    },
  } satisfies Io & Record<string, unknown>;
  const json = (place: number) => JSON.parse(String(asked[place]!.body)) as Record<string, unknown>;
  return { io, asked, json };
}
