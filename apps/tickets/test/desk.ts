import { accessEvents, type Role } from '@parley/contracts/access';
import { channelEvents, type AcceptedMessage, type ChannelType, type Identifier } from '@parley/contracts/channels';
import type { Actor, Ask } from '@parley/contracts/contract';
import type { Envelope } from '@parley/contracts/events';
import { messages } from '@parley/contracts/messages';
import { profiles } from '@parley/contracts/profiles';
import { settings, type SettingsArea } from '@parley/contracts/settings';
import { tickets, type Ticket } from '@parley/contracts/tickets';
import { timers } from '@parley/contracts/timers';
import { newId } from '@parley/service/ids';
import { rig, type Rig } from '@parley/service/testing/rig';
import { ticketsApp } from '../src/tickets.app.js';

/** Somebody who writes, by one conversation of one channel. */
export type Customer = { channel: ChannelType; channelId: string; from: Identifier[]; name: string | null; sessionId: string | null; threadId: string | null; subject: string | null };

const DAY_ONE = { createdAt: '2026-11-01T00:00:00.000Z' };
const IDENTITY: Record<ChannelType, Identifier['type']> = { webchat: 'visitor', email: 'email', sms: 'phone', instagram: 'igsid', whatsapp: 'wa_id' };

/** A desk: the whole service, an account with one channel of each type, an agent, and words for what happens there. */
export class Desk {
  private people = 0;

  private constructor(
    readonly rig: Rig,
    readonly channels: Record<ChannelType, string>,
  ) {}

  static async open(): Promise<Desk> {
    const self = await rig(ticketsApp);
    const channels = await Promise.all((Object.keys(IDENTITY) as ChannelType[]).map(async (type) => [type, await connect(self, type)]));
    const desk = new Desk(self, Object.fromEntries(channels));
    await desk.agent('Ada', { id: desk.me.id! });
    await desk.account();
    return desk;
  }

  get me() {
    return this.rig.by;
  }

  // Makers: only what matters.
  /** The account as access knows it. */
  async account(more: object = {}) {
    const data = { id: this.rig.account, name: 'Shop', mode: 'test', timezone: 'Europe/Berlin', locale: 'en', organisationPrefix: null, senderEmail: 'help@shop.example', logoUrl: null, brandColor: null, accentColor: null, privacyUrl: null, termsUrl: null, ...DAY_ONE, version: ++this.people, ...more } as const;
    await this.rig.say(accessEvents.accountUpdated, { key: this.rig.account, data });
    await this.rig.heard();
  }

  /** Somebody who works here. */
  async agent(name: string, more: { id?: string; role?: Role; active?: boolean; availability?: 'online' | 'offline' } = {}): Promise<Actor> {
    const { id = newId(), role = 'support', active = true, availability = 'online' } = more;
    await this.rig.say(accessEvents.userUpdated, { key: id, data: { id, email: `${id}@shop.example`, name, role, availability, active, ...DAY_ONE, version: ++this.people } });
    await this.rig.heard();
    return this.rig.actor({ id });
  }

  /** Somebody new who writes by this channel. */
  customer(channel: ChannelType, more: Partial<Customer> = {}): Customer {
    const nth = ++this.people;
    const value = { email: `mia${nth}@example.com`, sms: `+1500555${1000 + nth}`, whatsapp: `1500556${1000 + nth}`, webchat: `user-${nth}`, instagram: `17841400${nth}` }[channel];
    return {
      channel, channelId: this.channels[channel], from: [{ type: IDENTITY[channel], value, verified: true }], name: 'Mia',
      sessionId: channel === 'webchat' ? newId() : null, threadId: channel === 'email' ? newId() : null, subject: channel === 'email' ? 'My order' : null, ...more,
    };
  }

  /** A message as channels accepted it. */
  async message(customer: Customer, text: string, more: Partial<AcceptedMessage> = {}): Promise<AcceptedMessage> {
    const now = (await this.now()).toISOString();
    return {
      inboundId: newId(), conversationKey: `${customer.channelId}:${customer.sessionId ?? customer.threadId ?? customer.from[0]!.value}`, conversationSeq: 1, locale: null,
      text, html: null, truncated: false, attachments: [], details: [], inReplyTo: null, newText: null, keyword: null, automatic: null, note: null, occurredAt: now, receivedAt: now, ...customer, ...more,
    };
  }

  /** A ticket that a customer has just opened. */
  async ticket(channel: ChannelType, customer = this.customer(channel)): Promise<Ticket & { customer: Customer }> {
    return { ...(await this.look((await this.customerWrites(customer, 'Where is my order?')).ticketId)), customer };
  }

  // Happenings.
  /** Accepted, heard, and put where it belongs. */
  async customerWrites(customer: Customer, text: string, more: Partial<AcceptedMessage> = {}) {
    const message = await this.message(customer, text, more);
    await this.arrive(message);
    const [received] = (await this.rig.db.query(`SELECT envelope->>'ticket' AS ticket FROM log WHERE account_id = $1 AND type = 'message.received' AND envelope->'data'->'message'->>'id' = $2`, [this.rig.account, message.inboundId])) as { ticket: string }[];
    return { inboundId: message.inboundId, ticketId: received?.ticket ?? '' };
  }

  async arrive(...arriving: AcceptedMessage[]) {
    await Promise.all(arriving.map((data) => this.rig.say(channelEvents.messageReceived, { key: data.conversationKey, data, actor: { type: 'customer', id: null } })));
    await this.rig.heard();
  }

  reply(ticketId: string, text: string, more: Partial<Ask<typeof messages.reply>> = {}, by = this.me) {
    return this.rig.ask(messages.reply, { id: ticketId, text, ...more }, by);
  }

  async close(ticketId: string, by = this.me) {
    return this.rig.ask(tickets.close, { id: ticketId, ifMatch: (await this.look(ticketId)).version }, by);
  }

  async reopen(ticketId: string) {
    return this.rig.ask(tickets.reopen, { id: ticketId, ifMatch: (await this.look(ticketId)).version });
  }

  async snooze(ticketId: string, more: Omit<Ask<typeof tickets.snooze>, 'id' | 'ifMatch'>) {
    return this.rig.ask(tickets.snooze, { id: ticketId, ifMatch: (await this.look(ticketId)).version, ...more });
  }

  async consent(profileId: string, kind: 'sms_marketing' | 'sms_transactional' | 'email' | 'whatsapp', state: 'granted' | 'revoked') {
    return this.rig.ask(profiles.setConsent, { id: profileId, kind, state, source: 'checkout' });
  }

  async set(area: SettingsArea, values: Record<string, unknown>) {
    const { version } = await this.rig.ask(settings.get, { area });
    return this.rig.ask(settings.update, { area, ifMatch: version, values });
  }

  /** The visitor comes, or has been gone for a while. */
  async visitor(customer: Customer, state: { online: boolean; episode?: number; since?: Date }) {
    const since = (state.since ?? (await this.now())).toISOString();
    await this.rig.say(channelEvents.presenceChanged, { key: customer.sessionId!, data: { sessionId: customer.sessionId!, channelId: customer.channelId, online: state.online, since, episode: state.episode ?? 1 } });
    await this.rig.heard();
  }

  async visitorReads(customer: Customer, upToSeq: number) {
    await this.rig.say(channelEvents.chatRead, { key: customer.sessionId!, data: { sessionId: customer.sessionId!, channelId: customer.channelId, upToSeq } });
    await this.rig.heard();
  }

  async visitorEnds(customer: Customer) {
    await this.rig.say(channelEvents.chatEnded, { key: customer.sessionId!, data: { sessionId: customer.sessionId!, channelId: customer.channelId, endedAt: (await this.now()).toISOString() }, actor: { type: 'customer', id: null } });
    await this.rig.heard();
  }

  async delivery(message: { id: string; ticketId: string }, state: 'sent' | 'delivered' | 'read' | 'failed', failure: { code: string; reason: string } | null = null) {
    await this.rig.say(channelEvents.deliveryChanged, { key: message.ticketId, data: { messageId: message.id, ticketId: message.ticketId, state, failure, providerMessageId: null, occurredAt: (await this.now()).toISOString() } });
    await this.rig.heard();
  }

  // Eyes.
  now() {
    return this.rig.tx(async (tx) => tx.at);
  }

  look(ticketId: string) {
    return this.rig.ask(tickets.get, { id: ticketId });
  }

  list(more: Ask<typeof tickets.list> = {}, by = this.me) {
    return this.rig.ask(tickets.list, more, by);
  }

  thread(ticketId: string) {
    return this.rig.ask(messages.list, { id: ticketId });
  }

  async timers(ticketId: string, state = 'pending') {
    return (await this.rig.ask(timers.list, { id: ticketId })).items.filter((timer) => timer.state === state);
  }

  /** What was announced of a ticket, by type, in order. */
  async told(ticketId: string): Promise<string[]> {
    return (await this.rig.facts()).filter((fact) => fact.ticket === ticketId).map((fact) => fact.type);
  }

  /** What the books were told of messages outside threads. */
  async filed() {
    return (await this.rig.facts('inbound.filed')).map((fact) => fact.data);
  }

  async last(type: string): Promise<Envelope> {
    return (await this.rig.facts(type)).at(-1)!;
  }

  shut() {
    return this.rig.close();
  }
}

async function connect(self: Rig, type: ChannelType) {
  const id = newId();
  const data = { id, type, provider: 'test', name: type, enabled: true, address: null, settings: type === 'webchat' ? { siteUrl: 'https://shop.example/help' } : {}, webhookUrl: null, forwardingAddress: null, widgetKey: null, ...DAY_ONE, version: 1 };
  await self.say(channelEvents.channelCreated, { key: id, data });
  return id;
}
