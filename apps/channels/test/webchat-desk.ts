import { readFileSync } from 'node:fs';
import { type AcceptedMessage, channels, type Channel } from '@parley/contracts/channels';
import type { Actor, Ask } from '@parley/contracts/contract';
import { messageEvents } from '@parley/contracts/messages';
import { ticketEvents } from '@parley/contracts/tickets';
import { ChatHint, webchat } from '@parley/contracts/webchat';
import { newId } from '@parley/service/ids';
import { type Rig, rig } from '@parley/service/testing/rig';
import { SignJWT } from 'jose';
import { channelsApp } from '../src/channels.app.js';
import { sentMessage, ticketSnapshot } from './email-desk.js';

export const SECRET = 'widget_test_secret_at_least_32_bytes_long!!';
export const fixture = (name: string) => JSON.parse(readFileSync(new URL(`./fixtures/webchat/${name}.json`, import.meta.url), 'utf8'));
type WebchatSettings = Extract<Ask<typeof channels.create>, { type: 'webchat' }>['settings'];

/** A running channels service with a web chat channel, and visitors whom the brand vouches for. */
export async function webchatDesk(settings: WebchatSettings = {}, env: Record<string, string> = {}) {
  const here = await rig(channelsApp, { env });
  const desk = new WebchatDesk(here);
  desk.channel = await desk.connect(settings);
  return desk;
}

export class WebchatDesk {
  channel!: Channel;

  constructor(readonly here: Rig) {}

  connect(settings: WebchatSettings = {}): Promise<Channel> {
    return this.here.ask(channels.create, { type: 'webchat', name: 'Chat', settings, credentials: { identitySecret: SECRET } });
  }

  /** A token as the brand's server signs it. */
  token(claims: Record<string, unknown> = {}, { secret = SECRET, audience = `parley-widget:${this.channel.widgetKey}`, alg = 'HS256', lives = '10m' } = {}) {
    return new SignJWT({ sub: 'customer-1', ...claims }).setProtectedHeader({ alg }).setAudience(audience).setIssuedAt().setExpirationTime(lives).sign(new TextEncoder().encode(secret));
  }

  start(identityToken: string, more: Partial<Ask<typeof webchat.start>> = {}) {
    return this.here.ask(webchat.start, { widgetKey: this.channel.widgetKey!, identityToken, ...more }, { account: newId(), type: 'system', id: null, scopes: ['public'] });
  }

  /** Somebody whom the brand vouches for, in their chat. */
  async visitor(claims: Record<string, unknown> = {}): Promise<Visitor> {
    const { sessionToken, sessionId } = await this.start(await this.token({ sub: newId(), ...claims }));
    const visitor = new Visitor(this, sessionToken, sessionId);
    await this.here.broker.flush();
    return visitor;
  }

  async received(): Promise<AcceptedMessage[]> {
    return (await this.here.facts('channel.message_received')).map(({ data }) => data as AcceptedMessage);
  }

  /** What tickets does with a message: it stands in the ticket of its chat. */
  async file(inboundId: string, ticketId: string, seq: number) {
    const accepted = await this.here.until(async () => (await this.received()).findLast((one) => one.inboundId === inboundId), 'the message to be announced');
    const { message } = sentMessage({ id: inboundId, ticketId, to: accepted, text: accepted.text, seq });
    await this.here.say(messageEvents.received, {
      key: ticketId, ticket: ticketId,
      data: { message: { ...message, direction: 'inbound', delivery: null, author: { type: 'customer', id: null, name: accepted.name } }, ticket: ticketSnapshot(ticketId, accepted), sessionId: accepted.sessionId },
    });
    await this.here.heard();
    return accepted;
  }

  async answer(to: AcceptedMessage, ticketId: string, seq: number, text: string): Promise<string> {
    const id = newId();
    await this.here.say(messageEvents.sent, { key: ticketId, ticket: ticketId, data: sentMessage({ id, ticketId, to, text, seq }) });
    await this.here.heard();
    return id;
  }

  async closeTicket(of: AcceptedMessage, ticketId: string) {
    await this.here.say(ticketEvents.closed, { key: ticketId, ticket: ticketId, data: { ...ticketSnapshot(ticketId, of), status: 'closed', closedAt: '2026-11-20T12:30:00.000Z' } });
    await this.here.heard();
  }

  presence() {
    return this.here.facts('chat.presence_changed').then((facts) => facts.map(({ data }) => data as { sessionId: string; online: boolean; since: string; episode: number }));
  }
}

/** A visitor, as the gateway speaks for them. */
export class Visitor {
  readonly hints: ChatHint[] = [];

  constructor(
    readonly desk: WebchatDesk,
    readonly token: string,
    public sessionId: string,
  ) {
    this.listen();
  }

  get by(): Actor {
    return { account: this.desk.here.account, type: 'customer', id: this.sessionId, scopes: ['visitor', 'internal'] };
  }

  /** The gateway follows the token into whichever chat it leads. */
  async again() {
    const { sessionId } = await this.desk.here.ask(webchat.authenticate, { sessionToken: this.token }, this.by);
    this.sessionId = sessionId;
    this.listen();
    await this.desk.here.broker.flush();
  }

  write(text: string | undefined, clientId: string = newId(), attachments: string[] = []) {
    return this.desk.here.ask(webchat.send, { clientId, text, attachments }, this.by);
  }

  thread(afterSeq = 0) {
    return this.desk.here.ask(webchat.messages, { afterSeq }, this.by);
  }

  read(upToSeq: number) {
    return this.desk.here.ask(webchat.read, { upToSeq }, this.by);
  }

  end() {
    return this.desk.here.ask(webchat.end, {}, this.by);
  }

  socket(leaseId: string, alive: boolean) {
    return this.desk.here.ask(webchat.presence, { sessionId: this.sessionId, leaseId, alive }, this.by);
  }

  private listen() {
    this.desk.here.broker.subscribe(`chat.${this.sessionId}`, (body) => this.hints.push(ChatHint.parse(JSON.parse(body))));
  }
}
