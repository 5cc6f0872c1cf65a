import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { ChatHint, webchat, type ChatMessage } from '@parley/contracts/webchat';
import { Broker } from '@parley/service/broker';
import { newId } from '@parley/service/ids';
import { errorFields, logger } from '@parley/service/logging';
import { Services } from '@parley/service/services';
import { Follower, type Frame } from './follower.js';

/** The visitor’s connection: frames go out, and it may be told to end. */
export type ChatOutlet = { send(texts: string[]): Promise<void>; full(): boolean; end(why: 'resync' | 'going_away'): void };

const PAGE = 100;
const LEASE_MS = 5000;
/** Open windows of one chat, at one gateway. */
const MOST_SOCKETS = 10;
/** Who writes is told of again after so long. */
const TYPING_MS = 2000;

/** Visitors with a socket open: what they miss, what they are told, and that they are there (CHAT-6, CHAT-8, CHAT-10). */
@Injectable()
export class VisitorsService implements OnModuleDestroy {
  private readonly here = new Set<Visit>();
  private readonly leaving = new Set<Promise<void>>();
  private readonly renewal = setInterval(() => { for (const visit of this.here) void visit.renew(); }, LEASE_MS).unref();

  constructor(private readonly services: Services, private readonly broker: Broker) {
    broker.onConnect(() => { for (const visit of this.here) void visit.catchUp(); });
  }

  /** Has the visitor as many windows open as there may be? */
  isFull(by: Actor): boolean {
    return [...this.here].filter((visit) => visit.session === by.id).length >= MOST_SOCKETS;
  }

  /** Begins a visit: replays what came after `afterSeq`, then goes on. */
  async enter(by: Actor, afterSeq: number, outlet: ChatOutlet): Promise<Visit> {
    const visit = new Visit(this.services, this.broker, outlet, by, afterSeq);
    this.here.add(visit);
    await Promise.all([visit.renew(), visit.catchUp()]);
    return visit;
  }

  /** Ends a visit; the visitor counts as gone once all their leases are (CHAT-10). */
  leave(visit: Visit): Promise<void> {
    if (!this.here.delete(visit)) return Promise.resolve();
    const left = visit.release().finally(() => this.leaving.delete(left));
    this.leaving.add(left);
    return left;
  }

  /** A clean stop says goodbye for everybody, so that nobody seems to be here who is not. */
  async onModuleDestroy() {
    clearInterval(this.renewal);
    for (const visit of this.here) {
      visit.outlet.end('going_away');
      void this.leave(visit);
    }
    await Promise.all(this.leaving);
  }
}

/** One open socket of a visitor. */
export class Visit {
  private readonly lease = newId();
  private follower: Follower;
  private stop: () => void;
  private closed = false;
  private readonly typed = new Pause(TYPING_MS);
  private readonly heardTyping = new Pause(TYPING_MS);

  constructor(private readonly services: Services, private readonly broker: Broker, readonly outlet: ChatOutlet, private by: Actor, afterSeq: number) {
    this.follower = this.follow(afterSeq);
    this.stop = this.listen();
  }

  get session() { return this.by.id; }
  catchUp() { return this.follower.catchUp(); }

  /** Accepts a message; the same clientId again is the same message. Where the chat was closed meanwhile, a new one begins and is followed from its beginning. */
  async write(message: Input<typeof webchat.send>) {
    const accepted = await this.services.ask(webchat.send, message, { ...this.by, command: newId() });
    if (accepted.sessionId !== this.by.id) await this.moveTo(accepted.sessionId);
    return accepted;
  }

  read(upToSeq: number) { return this.services.ask(webchat.read, { upToSeq }, this.by); }
  finish() { return this.services.ask(webchat.end, {}, this.by); }
  /** Staff of the account see that the visitor is writing. */
  type() { if (!this.closed && this.typed.over()) this.broker.publish(`live.${this.by.account}`, JSON.stringify({ kind: 'typing', ticket: null, session: this.by.id, user: null })); }

  async renew() { await this.present(true).catch((error) => logger.debug(errorFields(error), 'presence not renewed')); }
  async release() {
    this.stop();
    await this.present(false).catch((error) => logger.debug(errorFields(error), 'presence not released: it lapses'));
  }

  private async moveTo(session: string) {
    this.stop();
    await this.present(false);
    this.by = { ...this.by, id: session };
    this.closed = false;
    this.follower = this.follow(0);
    this.stop = this.listen();
    await Promise.all([this.renew(), this.catchUp()]);
  }

  private follow(afterSeq: number) {
    const read = async (after: number) => {
      const { items, open } = await this.services.ask(webchat.messages, { afterSeq: after, limit: PAGE }, this.by);
      if (!open) this.close();
      return { frames: items.map(frameOf), more: items.length === PAGE };
    };
    const send = async (frames: Frame[]) => (this.outlet.full() ? this.outlet.end('resync') : this.outlet.send(frames.map(({ text }) => text)));
    const failed = (error: unknown) => logger.debug(errorFields(error), 'chat not read');
    return new Follower({ read, send, failed }, afterSeq);
  }

  private listen() {
    const { account, id } = this.by;
    const stops = [this.broker.subscribe(`chat.${id}`, (body) => this.heard(body)), this.broker.subscribe(`typing.${account}.${id}`, () => this.showTyping())];
    return () => stops.forEach((stop) => stop());
  }

  private showTyping() {
    if (!this.closed && !this.outlet.full() && this.heardTyping.over()) void this.outlet.send(['{"type":"typing"}']);
  }

  private heard(body: string) {
    const hint = ChatHint.safeParse(JSON.parse(body));
    if (!hint.success) return void this.catchUp();
    if (hint.data.kind === 'closed') this.close();
    else this.follower.hint(hint.data.items.map(frameOf));
  }

  private close() {
    if (this.closed) return;
    this.closed = true;
    void this.outlet.send(['{"type":"closed"}']);
  }

  private async present(alive: boolean) {
    await this.services.ask(webchat.presence, { sessionId: this.by.id!, leaseId: this.lease, alive }, { ...this.by, scopes: ['internal'] });
  }
}

/** Something that is done again only after a while. */
class Pause {
  private until = 0;

  constructor(private readonly ms: number) {}

  /** Is it over? Then the next one begins. */
  over(): boolean {
    const now = performance.now();
    if (now < this.until) return false;
    this.until = now + this.ms;
    return true;
  }
}

const frameOf = (message: ChatMessage): Frame => ({ number: message.seq, text: JSON.stringify({ type: 'message', message }) });
/** What the visitor is told of a frame that could not be carried out. */
export const refusalFrame = (error: unknown, clientId?: string) => {
  const { code, message, more } = error instanceof ContractError ? error : new ContractError('INTERNAL', 'Something broke on our side');
  return JSON.stringify({ type: 'error', code, detail: message, ...(more['errors'] ? { errors: more['errors'] } : {}), ...(clientId && { clientId }) });
};
