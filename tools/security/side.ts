import { randomUUID } from 'node:crypto';
import { eventually } from '../demo/waiting.js';
import type { Json } from '../e2e/api.js';
import { mails, texts, visit, type Guest } from '../e2e/people.js';
import type { Brand, Town } from '../e2e/town.js';

/** Somebody who asks: what they show at the door. */
export interface Somebody {
  token: string;
  id: string;
}

/** One of the two accounts of a matrix. Every text it holds carries its mark, so that a leak can be seen wherever it comes out. */
export interface Side {
  brand: Brand;
  /** In every text; lower case, as addresses are folded. */
  mark: string;
  /** Channels that were connected before anything else. */
  sms: Json;
  email: Json;
  webchat: Json;
  ask: Brand['ask'];
  /** As above, of what must succeed: the body. */
  got(question: string, body?: unknown, more?: Parameters<Brand['ask']>[2]): Promise<Json>;
  person(role: string): Promise<Somebody & { version: number; email: string; password: string }>;
  key(scopes: string[]): Promise<Somebody>;
  /** A new customer's ticket, opened by a text that may be answered. */
  ticket(): Promise<Json>;
  /** Of a new customer, or of whoever has this address. */
  mailTicket(from?: string, html?: string): Promise<Json>;
  chat(): Promise<{ guest: Guest; ticket: Json }>;
  profile(): Promise<Json>;
  phone(): string;
  /** What reached this mailbox last. */
  mailed(to: string): Promise<{ subject: string }>;
  /** A file, as a multipart body. */
  upload(form: FormData): Promise<Json>;
}

let numbers = 0;

/** Opens an account with its channels; `name` becomes part of its mark. */
export async function openSide(town: Town, name: string): Promise<Side> {
  const mark = `canary-${name}-${randomUUID().slice(0, 8)}`;
  const password = 'a password only for tests';
  const brand = await town.brand({ name: `Brand ${mark}`, owner: { name: `Olive ${mark}`, email: `olive@${mark}.example`, password } });
  const got: Side['got'] = async (question, body, more) => {
    const answer = await brand.ask(question, body, more);
    if (answer.status >= 300) throw new Error(`${question}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as Json;
  };
  const connect = (channel: object) => got('POST /v1/channels', channel);
  const [sms, email, webchat] = [await brand.connect.sms(), await connect({ type: 'email', name: `Mail ${mark}`, settings: { address: `support@${mark}.example` } }), await brand.connect.webchat()];
  const opened = (what: string, fits: (ticket: Json) => boolean): Promise<Json> => eventually(what, async () => (await got('GET /v1/tickets?limit=100')).items.find(fits) as Json);
  const phone = () => `+1503555${String(1000 + numbers++).padStart(4, '0')}`;

  return {
    brand, mark, sms, email, webchat, ask: brand.ask, got, phone,
    async person(role) {
      const address = `${role}${numbers++}@${mark}.example`;
      const user = await got('POST /v1/users', { email: address, name: `${role} ${mark}`, role, password });
      const { body } = await town.api.call('POST /v1/auth/login', { body: { email: address, password } });
      return { token: body.accessToken as string, id: user.id as string, version: user.version as number, email: address, password };
    },
    async key(scopes) {
      const { key, id } = await got('POST /v1/api-keys', { name: `key ${mark}`, scopes });
      return { token: key as string, id: id as string };
    },
    mailed: (to) => eventually(`a mail to ${to}`, () => Promise.resolve(town.world.received.mails.find(({ envelope }) => envelope.to.includes(to)))),
    async ticket() {
      const from = phone();
      const body = `Where is it? ${mark} ${from}`;
      await got('POST /v1/profiles', { phone: from, name: `Kim ${mark}` });
      await texts(sms, { from, body });
      const ticket = await opened('the ticket of a text', (one) => one.channel === 'sms' && one.preview?.includes(from));
      await got(`PUT /v1/profiles/${ticket.profile.id}/consents/sms_transactional`, { state: 'granted', source: `form ${mark}` });
      return ticket;
    },
    async mailTicket(from = `kim${numbers++}@${mark}.example`, html) {
      const subject = `Mail ${numbers++} ${mark}`;
      await mails(town.smtpPort, { from: `Kim ${mark} <${from}>`, to: email.address, via: email.forwardingAddress, subject, text: `A mail ${mark}`, ...(html && { html }) });
      return opened('the ticket of a mail', (one) => one.subject === subject);
    },
    async chat() {
      const id = `visitor-${numbers++}-${mark}`;
      const guest = await visit(town.api, webchat, { id, name: `Vic ${mark}`, email: `vic${numbers++}@${mark}.example` });
      await guest.ask('POST /v1/webchat/messages', { clientId: 'one', text: `A chat ${id}` });
      return { guest, ticket: await opened('the ticket of a chat', (one) => one.channel === 'webchat' && one.preview?.includes(id)) };
    },
    async upload(form) {
      const response = await fetch(`${town.system.gatewayUrls[0]}/v1/attachments`, { method: 'POST', headers: { authorization: `Bearer ${brand.token}` }, body: form });
      if (!response.ok) throw new Error(`POST /v1/attachments: ${response.status} ${await response.text()}`);
      return (await response.json()) as Json;
    },
    profile: () => got('POST /v1/profiles', { email: `p${numbers++}@${mark}.example`, name: `Pat ${mark}`, locale: 'en' }),
  };
}
