import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type Channel, type channels, type ChannelType, channelEvents, NewChannel } from '@parley/contracts/channels';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { auditEvents } from '@parley/contracts/audit';
import { recordChange } from '@parley/service/audit';
import { Broker } from '@parley/service/broker';
import { problems } from '@parley/service/handles';
import { newId } from '@parley/service/ids';
import { Secrets } from '@parley/service/secrets';
import { ENV } from '@parley/service/service';
import { announce, system, type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { ConnectedChannel } from '../adapter.js';
import type { ChannelsEnv } from '../channels.config.js';
import { partsOf } from '../texting/texting.rules.js';
import { sourceOf } from '../email/imap/imap.rules.js';
import { ChannelEntity, type Places, toChannel, toConnected } from './channel.entity.js';
import { ChannelsRepository } from './channels.repository.js';

/** How long a replica may work with what it knew of a channel, where the hint that it changed was lost. */
const KNOWN_FOR_MS = 1000;
const CHANGED = 'channels.changed';

@Injectable()
export class ChannelsService {
  private readonly known = new Map<string, { until: number; channel: Promise<ConnectedChannel | null> }>();
  private readonly places: Places;

  constructor(
    private readonly db: DataSource,
    private readonly channels: ChannelsRepository,
    private readonly secrets: Secrets,
    private readonly broker: Broker,
    @Inject(ENV) env: ChannelsEnv,
  ) {
    this.places = { publicUrl: env.PARLEY_PUBLIC_URL, inboundDomain: env.PARLEY_INBOUND_DOMAIN };
    broker.subscribe(CHANGED, () => this.known.clear());
  }

  list({ limit, cursor }: Input<typeof channels.list>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const after = cursor ? Buffer.from(cursor, 'base64url').toString() : null;
      if (after !== null && !/^[0-9a-f-]{36}$/.test(after)) throw new ContractError('VALIDATION_FAILED', 'No cursor of this list');
      const rows = await this.channels.page(tx, limit + 1, after);
      const items = rows.slice(0, limit).map((row) => toChannel(row, this.places));
      return { items, nextCursor: rows.length > limit ? Buffer.from(items.at(-1)!.id).toString('base64url') : null };
    });
  }

  get({ id }: Input<typeof channels.get>, by: Actor) {
    return within(this.db, by, (tx) => this.read(tx, id));
  }

  create(input: Input<typeof channels.create>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const row = Object.assign(new ChannelEntity(), {
        id: newId(), accountId: by.account, type: input.type, provider: input.provider, name: input.name, enabled: true, settings: input.settings,
        credentials: this.secrets.seal(JSON.stringify(input.credentials)), ...addressOf(input), ...KEYS[input.type](input.provider), createdAt: tx.at, removedAt: null,
      });
      await this.channels.save(tx, row);
      await this.fetchFrom(tx, row, input);
      await this.channels.keepKeys(tx, row.id, [row.webhookKey, row.widgetKey, row.forwardingToken].filter((key) => key !== null));
      return this.announced(tx, channelEvents.channelCreated, row);
    }, (tx, id) => this.read(tx, id));
  }

  update({ id, ifMatch, ...wish }: Input<typeof channels.update>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const row = await this.channels.lock(tx, id, ifMatch, (current) => toChannel(current, this.places));
      const before = toChannel(row, this.places);
      const credentials = wish.credentials ?? (JSON.parse(this.secrets.open(row.credentials)) as Record<string, unknown>);
      const now = settle({ type: row.type, provider: row.provider, name: wish.name ?? row.name, settings: { ...partsOf(row), ...(wish.settings ?? row.settings) }, credentials });
      Object.assign(row, { name: now.name, settings: now.settings, enabled: wish.enabled ?? row.enabled, ...addressOf(now) });
      if (wish.credentials) row.credentials = this.secrets.seal(JSON.stringify(now.credentials));
      await this.channels.save(tx, row);
      await this.fetchFrom(tx, row, now);
      return this.announced(tx, channelEvents.channelUpdated, row, before);
    });
  }

  remove({ id, ifMatch }: Input<typeof channels.remove>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const row = await this.channels.lock(tx, id, ifMatch, (current) => toChannel(current, this.places));
      const before = toChannel(row, this.places);
      await this.channels.save(tx, Object.assign(row, { enabled: false, removedAt: tx.at }));
      await this.channels.fetchFrom(tx, row.id, null);
      return this.announced(tx, channelEvents.channelUpdated, row, before);
    });
  }

  /** By the random key in the webhook's path; null: unknown. Switched-off channels are found, too: see `enabled`. No query while it is known (≤ 1 s). */
  byKey(key: string): Promise<ConnectedChannel | null> {
    return this.recall(key, () => this.byAnyKey(key));
  }

  /** For whoever has the account from a fact or a session already. */
  byId(account: string, id: string): Promise<ConnectedChannel | null> {
    return this.recall(`${account}/${id}`, () => this.load(account, id));
  }

  /** The same as it stands now: for whoever acts on it for long, and seldom asks. */
  fresh(account: string, id: string): Promise<ConnectedChannel | null> {
    return this.load(account, id);
  }

  /** By a generated mail address in any case, with or without domain; what follows a `+` does not matter. */
  byForwardingAddress(address: string): Promise<ConnectedChannel | null> {
    return this.byKey(address.split('@')[0]!.split('+')[0]!.toLowerCase()).then(only('email'));
  }

  byWidgetKey(key: string): Promise<ConnectedChannel | null> {
    return this.byKey(key).then(only('webchat'));
  }

  /** Whoever has, or had, a channel. */
  accounts() {
    return this.channels.accounts();
  }

  /** @throws ContractError CHANNEL_NOT_FOUND; one that was disconnected still has its books. */
  async demand(tx: Tx, id: string) {
    if (!(await this.channels.existed(tx, id))) throw new ContractError('CHANNEL_NOT_FOUND', `No channel ${id}`);
  }

  private async read(tx: Tx, id: string): Promise<Channel> {
    const row = await this.channels.find(tx, id);
    if (!row) throw new ContractError('CHANNEL_NOT_FOUND', `No channel ${id}`);
    return toChannel(row, this.places);
  }

  private announced(tx: Tx, event: typeof channelEvents.channelCreated, row: ChannelEntity, before?: Channel): Channel {
    const data = toChannel(row, this.places);
    announce(tx, event, { key: row.id, data, ...(before && { before }) });
    recordChange(tx, auditEvents.channels, { action: row.removedAt ? 'channel.removed' : before ? 'channel.updated' : 'channel.created', resource: `channel/${row.id}`, before, after: data });
    tx.after(() => {
      this.known.clear();
      this.broker.publish(CHANGED, row.id);
    });
    return data;
  }

  private async fetchFrom(tx: Tx, row: ChannelEntity, { credentials }: NewChannel) {
    if (row.type === 'email') await this.channels.fetchFrom(tx, row.id, 'imap' in credentials && credentials.imap ? sourceOf(credentials.imap) : null);
  }

  private recall(name: string, load: () => Promise<ConnectedChannel | null>): Promise<ConnectedChannel | null> {
    const now = performance.now();
    const known = this.known.get(name);
    if (known && known.until > now) return known.channel;
    const channel = load();
    this.known.set(name, { until: now + KNOWN_FOR_MS, channel });
    // What was not found is not kept: keys are guessed by strangers, and memory is ours.
    channel.then((found) => found ?? this.known.delete(name), () => this.known.delete(name));
    return channel;
  }

  private async byAnyKey(key: string) {
    const owner = await this.channels.owner(key);
    return owner && this.load(owner.account, owner.id);
  }

  private load(account: string, id: string) {
    return within(this.db, system(account), async (tx) => {
      const row = await this.channels.find(tx, id);
      return row && toConnected(row, this.places, (sealed) => this.secrets.open(sealed));
    });
  }
}

const only = (type: ChannelType) => (channel: ConnectedChannel | null) => (channel?.type === type ? channel : null);

/** Random, unguessable, fit for a path, a page's source or a mail address in any case. */
const random = (prefix: string) => prefix + randomBytes(16).toString('hex');

const webhook = () => ({ webhookKey: random(''), widgetKey: null, forwardingToken: null });

/** Which keys a channel of each type needs. */
const KEYS: Record<NewChannel['type'], (provider: string) => Pick<ChannelEntity, 'webhookKey' | 'widgetKey' | 'forwardingToken'>> = {
  webchat: () => ({ webhookKey: null, widgetKey: random('wk_'), forwardingToken: null }),
  email: (provider) => ({ webhookKey: provider === 'smtp' ? null : random(''), widgetKey: null, forwardingToken: random('in-') }),
  sms: webhook,
  instagram: webhook,
  whatsapp: webhook,
};

type NewChannel = Input<typeof channels.create>;

function addressOf(channel: NewChannel): { address: string | null } {
  if (channel.type === 'sms' || channel.type === 'whatsapp') return { address: channel.settings.phoneNumber };
  if (channel.type === 'instagram') return { address: channel.settings.accountId };
  return { address: channel.type === 'email' ? channel.settings.address : null };
}

/** The same demands on a change as on a new channel. @throws ContractError VALIDATION_FAILED */
function settle(wish: Record<string, unknown>): NewChannel {
  const parsed = NewChannel.safeParse(wish);
  if (parsed.success) return parsed.data;
  throw new ContractError('VALIDATION_FAILED', 'Some fields are not right', { errors: problems(parsed.error) });
}
