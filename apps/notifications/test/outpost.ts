import { accessEvents, type Account } from '@parley/contracts/access';
import type { Data } from '@parley/contracts/events';
import { feed } from '@parley/contracts/feed';
import { ticketEvents, type TicketSnapshot } from '@parley/contracts/tickets';
import { timerEvents } from '@parley/contracts/timers';
import { newId } from '@parley/service/ids';
import { rig, type Rig } from '@parley/service/testing/rig';
import { DeliveryService } from '../src/follow-up/delivery.service.js';
import { notificationsApp } from '../src/notifications.app.js';

type Due = Data<typeof timerEvents.followUpDue>;
export type Outpost = Rig & {
  accountIs(brand?: Partial<Account>, account?: string): Promise<void>;
  ticketChanges(ticket?: Partial<TicketSnapshot>, account?: string): Promise<void>;
  followUpIsDue(request?: Partial<Due>): Promise<Due>;
  /** The whole feed of an account, read as the gateway reads it. */
  readFeed(account?: string): Promise<{ sequence: number; type: string; id: string }[]>;
  /** Tries what is due now, as if all back-offs had passed. */
  deliverEverything(): Promise<void>;
};

export const aSnapshot = (ticket: Partial<TicketSnapshot> = {}): TicketSnapshot => ({
  id: newId(), number: 1, channel: 'webchat', channelId: newId(), profile: { id: newId(), name: 'Kim' }, subject: null, status: 'open', snoozedUntil: null, assigneeId: null, teamId: null,
  tags: [], priority: 'normal', spam: false, unread: true, preview: 'Hello', lastSeq: 1, lastMessageAt: '2026-03-01T09:00:00.000Z', waitingSince: null, createdAt: '2026-03-01T09:00:00.000Z',
  firstResponseAt: null, closedAt: null, language: null, attribution: null, version: 1, ...ticket,
});

export const aFollowUp = (request: Partial<Due> = {}): Due => ({
  timerId: newId(), ticketId: newId(), sessionId: newId(), channelId: newId(), to: { email: 'kim@customer.example', name: 'Kim' }, locale: 'en', from: null, replyTo: null,
  siteUrl: 'https://shop.example/help?x=1',
  recap: [{ author: 'customer', name: 'Kim', text: 'Where is my order?', at: '2026-03-01T09:00:00.000Z' }, { author: 'agent', name: 'Anna', text: 'On its way.', at: '2026-03-01T09:01:00.000Z' }],
  ...request,
});

/** The notifications service, running, with hands and eyes for stories. */
export async function openOutpost(env: Record<string, string> = {}, replicaOf?: Rig): Promise<Outpost> {
  const service = await rig(notificationsApp, { env, replicaOf });
  return Object.assign(service, {
    async accountIs(brand: Partial<Account> = {}, account = service.account) {
      await service.say(accessEvents.accountCreated, { key: account, account, data: {
        id: account, name: 'Nordwind', mode: 'test', timezone: 'UTC', locale: 'en', organisationPrefix: null, senderEmail: 'help@shop.example', logoUrl: 'https://shop.example/logo.png', brandColor: '#0a5c36',
        accentColor: null, privacyUrl: 'https://shop.example/privacy', termsUrl: 'https://shop.example/terms', createdAt: '2026-03-01T09:00:00.000Z', version: 1, ...brand,
      } });
      await service.heard();
    },
    async ticketChanges(ticket: Partial<TicketSnapshot> = {}, account = service.account) {
      const data = aSnapshot(ticket);
      await service.say(ticketEvents.updated, { key: data.id, ticket: data.id, data, account });
    },
    async followUpIsDue(request: Partial<Due> = {}) {
      const data = aFollowUp(request);
      await service.say(timerEvents.followUpDue, { key: data.ticketId, ticket: data.ticketId, data });
      await service.heard();
      return data;
    },
    async readFeed(account = service.account) {
      const { items } = await service.ask(feed.read, { limit: 500 }, service.actor({ account }));
      return items.map(({ sequence, type, id }) => ({ sequence: sequence!, type, id }));
    },
    async deliverEverything() {
      await service.db.query('UPDATE mail_due SET due_at = now() WHERE lease_until IS NULL');
      await service.app.get(DeliveryService).deliverDue();
    },
  });
}
