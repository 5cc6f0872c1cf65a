import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { serve, type Answer, type Asked } from '../web.js';
import { refusal, TOKEN_EXPIRED, UNKNOWN, wished } from './errors.js';
import { recipientOf, refused, sendInstagram, sendWhatsapp } from './messages.js';
import { PICTURE } from './picture.js';
import { PRETEND_ACCESS_TOKEN, type MetaWorld } from './world.js';

const VERSIONED = /^\/v\d+\.\d\/(.+)$/;
/** A media address lives for five minutes; an id for as long as we do. */
const MEDIA_MS = 300_000;

/** Meta's Graph API for WhatsApp and Instagram: messages, media, templates, conversations. Webhooks follow by themselves to whoever subscribed. */
export async function startGraph(port: number, host: string, world: MetaWorld): Promise<{ url: string; close(): Promise<void> }> {
  const over = new AbortController();
  const uploads = new Map<string, string>();
  const server = await serve(port, host, (asked) => answer(asked, { world, over: over.signal, uploads, self: `http://${asked.headers.host}` }));
  const close = () => {
    over.abort();
    return server.close();
  };
  return { url: server.url, close };
}

type Here = { world: MetaWorld; over: AbortSignal; uploads: Map<string, string>; self: string };

async function answer(asked: Asked, here: Here): Promise<Answer> {
  const { faults } = here.world;
  if (asked.path.startsWith('/cdn/')) return faults.mediaExpired ? { status: 403, body: 'URL signature expired' } : picture();
  await pause(faults.graphLatencyMs, undefined, { signal: here.over }).catch(() => {});
  if (asked.headers.authorization !== `Bearer ${PRETEND_ACCESS_TOKEN}` || faults.graphTokenExpired) return TOKEN_EXPIRED;
  return asked.path.startsWith('/media/') ? download(asked, faults.mediaExpired) : call(asked, here);
}

function call(asked: Asked, here: Here): Answer {
  const { faults } = here.world;
  const path = VERSIONED.exec(asked.path)?.[1];
  if (!path || !asked.query.has('appsecret_proof')) return refusal(400, 100, 'API calls from the server require an appsecret_proof argument');
  if (faults.graphHangs) return 'never';
  return faults.graphCode === null ? route(asked, path, here) : refused(recipientOf(asked), here, wished(faults.graphCode));
}

function route(asked: Asked, path: string, here: Here): Answer {
  const [id = '', edge = ''] = path.split('/');
  switch (`${asked.method} ${edge}`) {
    case 'POST messages':
      return id === 'me' ? sendInstagram(asked, here) : sendWhatsapp(asked, id, here);
    case 'POST media':
      return upload(asked, here);
    case 'GET message_templates':
      return { status: 200, body: { data: here.world.templates, paging: { cursors: {} } } };
    case 'GET conversations':
      return conversations(asked, here);
    case 'GET ':
      return asked.query.has('fields') ? { status: 200, body: { id, name: 'Ida Ito', username: `ida.${id}` } } : lookUp(id, here);
    default:
      return UNKNOWN;
  }
}

/** Newest first, as Instagram lists the messages of one conversation. */
function conversations({ query }: Asked, { world }: Here): Answer {
  const person = query.get('user_id');
  const sent = world.received.meta.filter(({ door, to }) => door === 'instagram' && to === person).reverse();
  const data = sent.map(({ id, from, text, at }) => ({ id, created_time: new Date(at).toISOString().replace('.000Z', '+0000'), from: { id: from }, message: text }));
  return { status: 200, body: { data: [{ id: `conversation-with-${person}`, messages: { data } }] } };
}

function upload(asked: Asked, { uploads }: Here): Answer {
  const type = /name="type"\r\n\r\n([^\r]+)/.exec(asked.body)?.[1];
  if (!type) return refusal(400, 131053, 'Media upload error');
  const id = String(1_000_000_000_000_000 + uploads.size);
  uploads.set(id, type);
  return { status: 200, body: { id } };
}

/** Every id of digits leads to the same small picture. */
function lookUp(id: string, { self, uploads, world }: Here): Answer {
  if (!/^\d+$/.test(id)) return UNKNOWN;
  const sha256 = createHash('sha256').update(PICTURE).digest('hex');
  const url = `${self}/media/${id}?expires=${Date.now() + (world.faults.mediaExpired ? -1 : MEDIA_MS)}`;
  return { status: 200, body: { messaging_product: 'whatsapp', url, mime_type: uploads.get(id) ?? 'image/png', sha256, file_size: String(PICTURE.length), id } };
}

const download = ({ query }: Asked, isExpired: boolean): Answer => (isExpired || Number(query.get('expires')) < Date.now() ? { status: 404, body: 'Gone' } : picture());

const picture = (): Answer => ({ status: 200, body: PICTURE, headers: { 'content-type': 'image/png' } });
