import { Injectable } from '@nestjs/common';
import { type ChannelHealth, type channelHealth, channelHealthEvents, type Direction } from '@parley/contracts/channel-health';
import type { Actor, Input } from '@parley/contracts/contract';
import { Broker } from '@parley/service/broker';
import { announce, system, type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { Failure, RefusalClass } from '../adapter.js';
import { ChannelsService } from '../channel/channels.service.js';
import { Batch } from '../hooks/batch.js';
import { type HealthRow, HealthRepository, type Seen } from './health.repository.js';
import { judged, kindOf, secondsSince, type TroubleKind, worsened } from './health.rules.js';

/** `class`: as in a receipt of an adapter; `unreachable`: no answer, or not now. */
export type Failed = Failure & { class: RefusalClass | 'unreachable'; direction?: Direction };
type OfChannel = { id: string };

const FAILED = 'channels.failed';

/** How each channel is. Cheap enough for every message: a success is written down every few seconds at most, after the commit of whoever tells of it. */
@Injectable()
export class HealthService {
  /** For so long a process does not write down that a channel works still, or that a message was refused again. */
  notedForMs = 5_000;
  private readonly noted = new Map<string, number>();
  private readonly reviews = new Batch<string>(1000, (account, channelIds) =>
    within(this.db, system(account), async (tx) => {
      for (const channelId of [...new Set(channelIds)].sort()) await this.reviewed(tx, channelId);
    }));

  constructor(
    private readonly db: DataSource,
    private readonly health: HealthRepository,
    private readonly channels: ChannelsService,
    private readonly broker: Broker,
  ) {
    // What another process saw failing is of interest to this one: its next success counts again.
    broker.subscribe(FAILED, (channelId) => this.forget(channelId));
  }

  /** The provider brought or took something. Joins no transaction: it is written down after this one's commit, if at all. */
  worked(tx: Tx, channel: OfChannel, direction: Direction): void {
    if (!this.isNews(`${channel.id}/${direction}`)) return;
    const { account } = tx.by;
    tx.after(() => within(this.db, system(account), (own) => this.change(own, channel.id, (row) => Object.assign(row, direction === 'inbound' ? { inboundAt: own.at, inboundTrouble: null } : { outboundAt: own.at, outboundTrouble: null }))));
  }

  /**
   * The provider refused, or could not be reached. What concerns the channel (auth, config, unreachable) stands until the next success in the same
   * direction; what concerns one message is only remembered as the last error.
   */
  async failed(tx: Tx, channel: OfChannel, { class: kind, direction = 'outbound', code, reason }: Failed): Promise<void> {
    const trouble: TroubleKind = kind === 'unreachable' ? kind : kindOf(kind);
    if (trouble === 'message' && !this.isNews(`${channel.id}/${direction}/message`)) return;
    await this.change(tx, channel.id, (row) => {
      row.lastError = { direction, code, reason, at: tx.at.toISOString() };
      if (trouble === 'message') return;
      if (direction === 'inbound') row.inboundTrouble = worsened(row.inboundTrouble, trouble, { code, reason }, tx.at);
      else row.outboundTrouble = worsened(row.outboundTrouble, trouble, { code, reason }, tx.at);
      tx.after(() => this.tell(channel.id));
    });
  }

  /** Looks again after the commit, as something that counts has changed: what waits, what is in quarantine. Many at once are one look. */
  review(tx: Tx, channelId: string): void {
    const { account } = tx.by;
    tx.after(() => this.reviews.add(account, channelId));
  }

  /** Looks again. */
  reviewed(tx: Tx, channelId: string): Promise<void> {
    return this.change(tx, channelId, () => undefined);
  }

  get({ id }: Input<typeof channelHealth.get>, by: Actor): Promise<ChannelHealth> {
    return within(this.db, by, async (tx) => {
      await this.channels.demand(tx, id);
      const row = (await this.health.find(tx, id)) ?? NEW(tx.at);
      return toHealth(id, row, await this.health.look(tx, id), tx.at);
    });
  }

  private async change(tx: Tx, channelId: string, work: (row: HealthRow) => void): Promise<void> {
    const row = await this.health.lock(tx, channelId);
    work(row);
    const { state, reasons } = judged(signsOf(row, await this.health.look(tx, channelId), tx.at));
    if (state !== row.state) {
      const before = { channelId, state: row.state, since: row.since.toISOString(), reasons: [] };
      Object.assign(row, { state, since: tx.at });
      announce(tx, channelHealthEvents.changed, { key: `health/${channelId}`, before, data: { channelId, state, since: tx.at.toISOString(), reasons } });
    }
    await this.health.save(tx, channelId, row);
  }

  private isNews(what: string): boolean {
    const now = performance.now();
    if ((this.noted.get(what) ?? 0) > now) return false;
    this.noted.set(what, now + this.notedForMs);
    return true;
  }

  private tell(channelId: string) {
    this.forget(channelId);
    this.broker.publish(FAILED, channelId);
  }

  private forget(channelId: string) {
    for (const direction of ['inbound', 'outbound']) this.noted.delete(`${channelId}/${direction}`);
  }
}

const NEW = (at: Date): HealthRow => ({ state: 'green', since: at, inboundAt: null, outboundAt: null, inboundTrouble: null, outboundTrouble: null, lastError: null });

const signsOf = (row: HealthRow, { answerSince, mailSince, quarantined }: Seen, at: Date) => ({ inbound: row.inboundTrouble, outbound: row.outboundTrouble, answerSince, mailSince, quarantined, at });

function toHealth(channelId: string, row: HealthRow, seen: Seen, at: Date): ChannelHealth {
  const { state, reasons } = judged(signsOf(row, seen, at));
  const success = (then: Date | null) => ({ at: then?.toISOString() ?? null, ageSeconds: then && secondsSince(then, at) });
  const waits = ([['answer', seen.answerSince], ['mail', seen.mailSince], ['message', seen.messageSince]] as const).flatMap(([what, since]) => (since ? [{ what, since }] : []));
  const oldest = waits.sort((a, b) => a.since.getTime() - b.since.getTime())[0];
  return {
    channelId, state, since: (state === row.state ? row.since : at).toISOString(), reasons,
    lastInbound: success(latest(row.inboundAt, seen.inboundAt)),
    lastOutbound: success(row.outboundAt),
    lastError: row.lastError && { ...row.lastError, ageSeconds: secondsSince(new Date(row.lastError.at), at) },
    oldestWaiting: oldest ? { what: oldest.what, since: oldest.since.toISOString(), ageSeconds: secondsSince(oldest.since, at) } : null,
    quarantined: seen.quarantined,
  };
}

const latest = (a: Date | null, b: Date | null) => (a && b ? (a > b ? a : b) : (a ?? b));
