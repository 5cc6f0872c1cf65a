import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { channelEvents } from '@parley/contracts/channels';
import type { Actor, Input } from '@parley/contracts/contract';
import type { webchat } from '@parley/contracts/webchat';
import { Alarm, type Ring, Rings } from '@parley/service/alarm';
import { errorFields, logger } from '@parley/service/logging';
import { announce, system, type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { ChannelsService } from '../channel/channels.service.js';
import { place } from './chat.service.js';
import { type Chat, ChatsRepository } from './chats.repository.js';
import { LeasesRepository } from './leases.repository.js';

const SWEEP_MS = 2_000;

/** CHAT-10: online as long as a socket holds a lease, offline some seconds after the last one is gone or has lapsed. */
@Injectable()
export class PresenceService implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | null = null;

  constructor(
    private readonly db: DataSource,
    private readonly chats: ChatsRepository,
    private readonly leases: LeasesRepository,
    private readonly channels: ChannelsService,
    private readonly alarm: Alarm,
  ) {}

  onApplicationBootstrap() {
    this.timer = setInterval(() => (this.sweeping ??= this.sweep().finally(() => (this.sweeping = null))), SWEEP_MS);
  }

  async onApplicationShutdown() {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** A socket lives on, or is gone. Renewing changes nothing else. */
  async presence({ sessionId, leaseId, alive }: Input<typeof webchat.presence>, by: Actor) {
    if (!alive) return this.gone(by, sessionId, leaseId);
    await within(this.db, by, async (tx) => {
      if (!(await this.leases.renew(tx, leaseId, sessionId))) await this.come(tx, sessionId, leaseId);
    });
    return {};
  }

  /** Ends what has lapsed: of gateways that died, of lines that went dead. Any number of replicas may do it. */
  async sweep() {
    try {
      for (const { account, sessionId } of await this.leases.lapsed()) await this.gone(system(account), sessionId, null);
    } catch (error) {
      logger.warn(errorFields(error), 'presence sweep failed');
    }
  }

  @Rings('presence')
  async offline(tx: Tx, ring: Ring) {
    const chat = await this.chats.lock(tx, ring.subject.id);
    if (!(await ring.claim()) || !chat?.open || !chat.online || (await this.leases.living(tx, chat.id))) return;
    await this.turn(tx, { ...chat, online: false, since: ring.dueAt, episode: chat.episode + 1 });
  }

  private async come(tx: Tx, sessionId: string, leaseId: string) {
    const chat = await this.chats.lock(tx, sessionId);
    if (!chat?.open) return;
    await this.leases.take(tx, leaseId, sessionId);
    await this.alarm.cancel(tx, subject(chat), 'presence');
    if (!chat.online) await this.turn(tx, { ...chat, online: true, since: tx.at });
  }

  private async gone(by: Actor, sessionId: string, leaseId: string | null) {
    const graceSeconds = await this.graceOf(by, sessionId);
    await within(this.db, by, async (tx) => {
      const chat = await this.chats.lock(tx, sessionId);
      const { lapsedFor, living } = await this.leases.end(tx, sessionId, leaseId);
      if (!chat?.open || !chat.online || living || lapsedFor === null) return;
      const dueAt = new Date(tx.at.getTime() + (graceSeconds - lapsedFor) * 1000);
      await this.alarm.set(tx, { kind: 'presence', subject: subject(chat), generation: chat.episode, dueAt, reason: { rule: 'CHAT-10', graceSeconds } });
    });
    return {};
  }

  private async turn(tx: Tx, chat: Chat) {
    await this.chats.save(tx, chat);
    const { id: sessionId, channelId, online, episode } = chat;
    announce(tx, channelEvents.presenceChanged, { ...place(chat), data: { sessionId, channelId, online, since: chat.since.toISOString(), episode } });
  }

  /** Looked up before the transaction: a channel may have to be read from the database, on a connection of its own. */
  private async graceOf(by: Actor, sessionId: string): Promise<number> {
    const chat = await within(this.db, by, (tx) => this.chats.find(tx, sessionId));
    const channel = chat && (await this.channels.byId(by.account, chat.channelId));
    return (channel?.settings.presenceGraceSeconds as number | undefined) ?? 15;
  }
}

const subject = (chat: Chat) => ({ type: 'chat', id: chat.id });
