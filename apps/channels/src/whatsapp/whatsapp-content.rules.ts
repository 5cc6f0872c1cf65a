import type { MessageDetail } from '@parley/contracts/channels';
import type { InboundFile } from '../adapter.js';
import { type Fields, fields, idIn, linkIn, list, verbatim, words } from '../meta/json.rules.js';

export type Content = { text: string; attachments: InboundFile[]; details: MessageDetail[] };

const NOTHING: Content = { text: '', attachments: [], details: [] };

/** What a message holds, by its `type` (META-3). A type that is missing here, today's or next year's, is shown as one that cannot be shown. */
const CONTENT: Readonly<Record<string, (message: Fields) => Content>> = {
  text: (message) => ({ ...NOTHING, text: words(fields(message.text).body, 65_536) ?? '' }),
  image: (message) => media('image', message),
  video: (message) => media('video', message),
  audio: (message) => media('audio', message),
  document: (message) => media('document', message),
  sticker: (message) => media('sticker', message),
  location: (message) => shown(location(fields(message.location))),
  contacts: (message) => shown(...list(message.contacts).slice(0, 15).map((one) => contact(fields(one)))),
  button: ({ button }) => choice('button', { id: fields(button).payload, title: fields(button).text }),
  interactive: (message) => interactive(fields(message.interactive)),
  order: (message) => order(fields(message.order)),
};

export function contentOf(message: Fields): Content {
  const type = words(message.type, 100) ?? 'unknown';
  const content = Object.hasOwn(CONTENT, type) ? CONTENT[type]!(message) : unsupported(message, type);
  const beside = [referral(message.referral), product(message.context)].filter((one) => one !== null);
  return { ...content, details: [...content.details, ...beside] };
}

const shown = (...details: MessageDetail[]): Content => ({ ...NOTHING, details });

const unsupported = ({ errors }: Fields, type: string): Content => {
  const [error] = list(errors);
  return shown({ kind: 'unsupported', what: words(fields(error).title, 200) ?? type });
};

/** The file itself is fetched later (META-4); only documents have a name of their own. Where even Meta could not have it, it is still a message. */
function media(type: 'image' | 'video' | 'audio' | 'document' | 'sticker', message: Fields): Content {
  const file = fields(message[type]);
  const text = words(file.caption, 4096) ?? '';
  const mediaId = words(file.id, 200);
  if (!mediaId) return { ...unsupported(message, type), text };
  const contentType = words(file.mime_type, 100)?.split(';')[0]!.trim().toLowerCase() || 'application/octet-stream';
  const name = words(file.filename, 255) ?? (file.voice === true ? 'voice-message' : type);
  return { ...NOTHING, text, attachments: [{ name, contentType, sizeBytes: 0, inline: false, remote: { mediaId } }] };
}

function location({ latitude, longitude, name, address }: Fields): MessageDetail {
  const [north, east] = [Number(latitude ?? NaN), Number(longitude ?? NaN)];
  if (!(Math.abs(north) <= 90) || !(Math.abs(east) <= 180)) return { kind: 'unsupported', what: 'location' };
  return { kind: 'location', latitude: north, longitude: east, name: words(name), address: words(address) };
}

function contact({ name, phones, emails }: Fields): MessageDetail {
  const texts = (all: unknown, key: string, max: number) => list(all).slice(0, 20).flatMap((one) => words(fields(one)[key], max) ?? []);
  const { formatted_name: formatted, first_name: first } = fields(name);
  return { kind: 'contact', name: words(formatted) ?? words(first) ?? '', phones: texts(phones, 'phone', 100), emails: texts(emails, 'email', 320) };
}

type Chosen = { id?: unknown; title?: unknown; description?: unknown };
/** The title is what the customer read and chose; they did not type it. */
function choice(via: 'button' | 'list', { id, title, description }: Chosen): Content {
  const text = words(title) ?? words(id) ?? '';
  return { ...NOTHING, text, details: [{ kind: 'choice', via, id: words(id), title: text, description: words(description), answers: null }] };
}

function interactive({ type, button_reply: button, list_reply: row, nfm_reply: form }: Fields): Content {
  if (type === 'button_reply') return choice('button', fields(button));
  if (type === 'list_reply') return choice('list', fields(row));
  if (type === 'nfm_reply') return filledIn(fields(form));
  return shown({ kind: 'unsupported', what: words(type, 200) ?? 'interactive' });
}

/** A form: its answers are a text that claims to be JSON. */
function filledIn({ name, body, response_json: json }: Fields): Content {
  const text = words(body) ?? words(name) ?? '';
  return { ...NOTHING, text, details: [{ kind: 'choice', via: 'form', id: words(name), title: text, description: null, answers: answersIn(json) }] };
}

function answersIn(json: unknown): Record<string, unknown> | null {
  try {
    return verbatim(JSON.parse(typeof json === 'string' ? json : '{}'));
  } catch {
    return null;
  }
}

function order({ text, product_items: items }: Fields): Content {
  const products = list(items).slice(0, 100).map((one) => {
    const { product_retailer_id: id, quantity, item_price: price, currency } = fields(one);
    return { id: idIn(id) ?? '', quantity: Number(quantity) || 0, price: price === undefined ? null : String(price).slice(0, 40), currency: words(currency, 10) };
  });
  return { ...NOTHING, text: words(text) ?? '', details: [{ kind: 'order', text: words(text), products }] };
}

/** The advertisement that brought the customer here (TKT-7). It opens no other window than every message does. */
function referral(value: unknown): MessageDetail | null {
  if (value === undefined) return null;
  const { source_type: source, headline, body, source_url: url } = fields(value);
  return { kind: 'referral', source: words(source, 200), title: words(headline) ?? words(body), url: linkIn(url), received: verbatim(value) };
}

/** What the message asks about: a product of the catalogue. */
function product(context: unknown): MessageDetail | null {
  const id = idIn(fields(fields(context).referred_product).product_retailer_id);
  return id === null ? null : { kind: 'share', what: 'product', title: id, url: null };
}
