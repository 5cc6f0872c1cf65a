import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Actor } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { Envelope } from '@parley/contracts/events';
import { feed } from '@parley/contracts/feed';
import { Broker } from '@parley/service/broker';
import { errorFields, logger } from '@parley/service/logging';
import { Services } from '@parley/service/services';
import { BELIEVED_MS, nameOf, StandingService, type Credential } from '../access/standing.service.js';
import { Follower, type Frame } from './follower.js';
import { Lookers, type Viewing } from './lookers.js';

/** One connection of staff or of a program: a WebSocket or a stream of server-sent events. */
export type Outlet = {
  /** Resolves when the reader can take more. */
  send(frames: Frame[]): Promise<void>;
  /** Something without a number: typing, looking at a ticket. */
  pass(text: string): void;
  /** Is more waiting for the reader than is good for us? */
  full(): boolean;
  end(why: 'resync' | 'signed_out' | 'going_away'): void;
};
export type Passing = { kind: 'typing' | 'presence'; ticket: string | null; session: string | null; user: string | null } | Viewing;
/** As gateways tell each other: to one person alone; asking who else is there. */
type Told = Passing & { to?: string | null; asks?: boolean };

type Reader = { by: Actor; credential: Credential; outlet: Outlet; follower: Follower };
type Room = { readers: Set<Reader>; leave: () => void; heardAt: number };

const PAGE = 100;
/** Whoever is further behind loads the current state instead. */
const MOST_BEHIND = 50_000;
/** A room that heard nothing for so long looks whether a hint was lost. */
const LOOK_MS = 2000;

/**
 * Who follows the feed of which account. One subscription per account brings hints to all its readers. A reader without `tickets:read` may see ids only:
 * hints hold text, so it gets nothing from them but that there is something to read in its own name (ACC-3).
 */
@Injectable()
export class FeedReadersService implements OnModuleDestroy {
  private readonly rooms = new Map<string, Room>();
  private readonly lookers = new Lookers();
  private readonly timers = [setInterval(() => void this.recheck(), BELIEVED_MS), setInterval(() => void this.look(), LOOK_MS)].map((timer) => timer.unref());

  constructor(private readonly services: Services, private readonly broker: Broker, private readonly standing: StandingService) {
    broker.onConnect(() => void this.look(0));
  }

  onModuleDestroy() {
    this.timers.forEach(clearInterval);
    for (const reader of this.all()) reader.outlet.end('going_away');
  }

  /** Follows the feed after a sequence, or from now on. Answers how to leave. @throws ContractError FEED_EXPIRED: too far behind, or ahead of it; UNAVAILABLE */
  async join({ by, credential, after, outlet }: { by: Actor; credential: Credential; after: number | null; outlet: Outlet }): Promise<() => void> {
    const head = await this.head(after, by);
    if (after !== null && head - after > MOST_BEHIND) throw new ContractError('FEED_EXPIRED', `${head - after} events behind`, { head });
    const reader: Reader = { by, credential, outlet, follower: undefined as never };
    const read = (position: number) => this.read(position, reader.by);
    const send = async (frames: Frame[]) => (outlet.full() ? this.drop(reader, 'resync') : outlet.send(frames));
    reader.follower = new Follower({ read, send, failed: (error) => this.failed(reader, error) }, after ?? head);
    const leave = this.enter(by.account, reader);
    // What was said since the head was asked for is read now; what is said from here on is heard.
    await reader.follower.catchUp();
    return leave;
  }

  /** Tells the others of the account, at every gateway. */
  pass(by: Pick<Actor, 'account'>, passing: Told) {
    this.broker.publish(`live.${by.account}`, JSON.stringify(passing));
  }

  /** TKT-19: the socket shows a ticket, or none. Others hear of it, and whoever comes hears who is there already. */
  shows(socket: object, by: Actor, ticket: string | null) {
    const { told, isNew } = this.lookers.look(socket, by, ticket);
    for (const viewing of told) this.pass(by, { ...viewing, ...(isNew && viewing.validSeconds > 0 && { asks: true }) });
  }

  private enter(account: string, reader: Reader): () => void {
    const room = this.rooms.get(account) ?? this.open(account);
    room.readers.add(reader);
    return () => {
      room.readers.delete(reader);
      if (room.readers.size || this.rooms.get(account) !== room) return;
      room.leave();
      this.rooms.delete(account);
    };
  }

  private open(account: string): Room {
    const leave = [this.broker.subscribe(`feed.${account}`, (body) => this.heard(account, body)), this.broker.subscribe(`live.${account}`, (body) => this.passed(account, body))];
    const room = { readers: new Set<Reader>(), leave: () => leave.forEach((stop) => stop()), heardAt: performance.now() };
    this.rooms.set(account, room);
    return room;
  }

  private heard(account: string, body: string) {
    const room = this.rooms.get(account);
    if (!room) return;
    room.heardAt = performance.now();
    const frames = (JSON.parse(body) as Envelope[]).filter((envelope) => envelope.account === account).map(frameOf);
    for (const { by, follower } of room.readers) follower.hint(by.scopes.includes('tickets:read') ? frames : null);
  }

  private passed(account: string, body: string) {
    const { to, asks, ...passing } = JSON.parse(body) as Told;
    const text = JSON.stringify(passing);
    for (const { by, outlet } of this.rooms.get(account)?.readers ?? []) {
      if (by.scopes.includes('tickets:read') && passing.user !== by.id && (to === undefined || to === by.id)) outlet.pass(text);
    }
    if (asks && passing.ticket) for (const viewing of this.lookers.others(account, passing.ticket, passing.user)) this.pass({ account }, { ...viewing, to: passing.user });
  }

  private async read(after: number, by: Actor) {
    const page = await this.services.ask(feed.read, { after, limit: PAGE }, by);
    return { frames: page.items.map(frameOf), more: page.nextAfter < page.head };
  }

  private async head(after: number | null, by: Actor): Promise<number> {
    try {
      return (await this.services.ask(feed.read, { after: after ?? 0, limit: 1 }, by)).head;
    } catch (error) {
      const head = error instanceof ContractError && error.code === 'FEED_EXPIRED' ? error.more['head'] : undefined;
      if (after === null && typeof head === 'number') return head;
      throw error;
    }
  }

  private failed(reader: Reader, error: unknown) {
    if (error instanceof ContractError && error.code === 'FEED_EXPIRED') return this.drop(reader, 'resync');
    logger.debug(errorFields(error), 'feed not read');
  }

  private drop(reader: Reader, why: Parameters<Outlet['end']>[0]) {
    this.rooms.get(reader.by.account)?.readers.delete(reader);
    reader.outlet.end(why);
  }

  /** ACC-4: whoever may no longer read is shown out within a second; whose rights have changed goes on with the new ones. */
  private async recheck() {
    const readers = this.all();
    if (!readers.length) return;
    const credentials = new Map(readers.map(({ credential }) => [nameOf(credential), credential]));
    const standing = await this.standing.ofAll([...credentials.values()]).catch((error) => void logger.warn(errorFields(error), 'standing not known'));
    for (const reader of standing ? readers : []) {
      const now = standing!.get(nameOf(reader.credential));
      if (now?.scopes.includes('feed:read')) reader.by = now;
      else this.drop(reader, 'signed_out');
    }
  }

  /** Hints may be lost, the last one too: a room that has been quiet is looked at. */
  private async look(quietMs = LOOK_MS) {
    for (const [account, room] of this.rooms) {
      if (performance.now() - room.heardAt < quietMs) continue;
      const inside: Actor = { account, type: 'system', id: null, scopes: ['feed:read'] };
      const head = await this.head(null, inside).catch(() => null);
      for (const { follower } of room.readers) if (head !== null && head > follower.position) void follower.catchUp();
    }
  }

  private all = () => [...this.rooms.values()].flatMap(({ readers }) => [...readers]);
}

const frameOf = (envelope: Envelope): Frame => ({ number: envelope.sequence!, text: JSON.stringify(envelope) });
