import { Injectable } from '@nestjs/common';
import { type Keyword, channelEvents } from '@parley/contracts/channels';
import { newId, partitionOf } from '@parley/service/ids';
import { announce, type Tx } from '@parley/service/tx';
import type { ConnectedChannel, InboundMessage, Raw } from '../adapter.js';
import { contentOf, storable } from './content.rules.js';
import { conversationKey } from './conversation.rules.js';
import { MediaService } from '../media/media.service.js';
import { ShelfService } from '../quarantine/shelf.service.js';
import { AmendmentsService } from '../thread/amendments.service.js';
import { nameOf } from '../thread/names.rules.js';
import { type Entry, InboundRepository } from './inbound.repository.js';
import { keywordIn, needsConsentToTell, type OwnWords, readsLikeOptOut } from './keyword.rules.js';

/** What became of a message at the door. A duplicate carries the id and place of the first one and takes none of its own. */
export type Accepted = { inboundId: string; duplicate: boolean; conversationKey: string; conversationSeq: number; keyword: Keyword | null };

/** A message at the door. `rawId`: the bytes it was read from; null where there are none (web chat). */
export type Arrival = { channel: ConnectedChannel; rawId: string | null; message: InboundMessage };

const KEYWORD_CHANNELS = ['sms', 'whatsapp'];
/** Where messages are quoted, rewritten and taken back: perhaps before they come. */
const AMENDED_CHANNELS = ['instagram', 'whatsapp'];
/** What is left of a message that was taken back. */
const NOTHING = { text: '', html: null, newText: null, subject: null, attachments: [], details: [] };
const OPT_OUT_HINT = 'This reads like an opt-out: revoke the consent if it is one';

@Injectable()
export class IntakeService {
  constructor(
    private readonly inbound: InboundRepository,
    private readonly shelf: ShelfService,
    private readonly amendments: AmendmentsService,
    private readonly media: MediaService,
  ) {}

  /**
   * Takes messages of one channel: numbers each in its conversation, gapless and in the order given, tells duplicates (OPS-6), and announces
   * channel.message_received. Answers in the order given.
   */
  accept(tx: Tx, channel: ConnectedChannel, rawId: string | null, messages: InboundMessage[]): Promise<Accepted[]> {
    return this.acceptAll(tx, messages.map((message) => ({ channel, rawId, message })));
  }

  /** The same for several channels of the account at once. */
  async acceptAll(tx: Tx, arrivals: Arrival[]): Promise<Accepted[]> {
    if (!arrivals.length) return [];
    const entries = arrivals.map(toEntry);
    await this.inbound.lock(tx, new Map(entries.map(({ key, channelId }) => [key, { channelId, partition: partitionOf(tx.by.account, key) }])));
    for (const [place, { channel, message }] of arrivals.entries()) entries[place]!.keyword = await this.keyword(tx, channel, message, entries[place]!.key);
    const numbered = await this.inbound.number(tx, entries);
    const originals = await this.duplicates(tx, entries.filter(({ id }) => !numbered.has(id)));
    const news = await this.news(tx, arrivals, entries, numbered);
    const accepted: Accepted[] = [];
    for (const [place, entry] of entries.entries()) {
      const mine = numbered.get(entry.id);
      if (mine) await this.announce(tx, arrivals[place]!, entry, mine, news);
      const first = mine ? { inboundId: entry.id, conversationKey: entry.key, conversationSeq: mine.seq } : originals.get(entry.id)!;
      accepted.push({ ...first, duplicate: !mine, keyword: entry.keyword });
    }
    return accepted;
  }

  /**
   * Gives an accepted message a place in another conversation and announces it again under its id: its own was closed meanwhile (settled 5).
   * Does nothing where it stands there already.
   */
  async readdress(tx: Tx, channel: ConnectedChannel, inboundId: string, message: InboundMessage): Promise<void> {
    const arrival = { channel, rawId: null, message };
    const entry = { ...toEntry(arrival), id: inboundId };
    await this.inbound.lock(tx, new Map([[entry.key, { channelId: channel.id, partition: partitionOf(tx.by.account, entry.key) }]]));
    const place = await this.inbound.move(tx, inboundId, entry.key);
    if (place) await this.announce(tx, arrival, entry, place, NO_NEWS);
  }

  /** Keeps the bytes of deliveries for 30 days. `items`: how many messages and unreadable pieces were found in them. */
  async keep(tx: Tx, deliveries: { id: string; channel: ConnectedChannel; raw: Raw; items: number }[]) {
    if (deliveries.length) await this.inbound.keep(tx, deliveries.map(({ channel, raw, ...rest }) => ({ ...rest, channelId: channel.id, raw: { ...raw, url: storable(raw.url), headers: storableHeaders(raw.headers) } })));
  }

  /** Those of the provider's ids that never came to us. */
  async unknown(tx: Tx, channel: Pick<ConnectedChannel, 'id'>, ids: string[]): Promise<Set<string>> {
    const known = ids.length ? await this.inbound.known(tx, channel.id, ids) : new Set();
    return new Set(ids.filter((id) => !known.has(id)));
  }

  /** What came by this channel and opens nothing: never lost, visible in the books, and in quarantine where somebody should look (MAIL-6, OPS-6). */
  async setAside(tx: Tx, pieces: { channel: Pick<ConnectedChannel, 'id'>; rawId: string | null; outcome: 'duplicate' | 'quarantined'; reason: string }[]) {
    if (!pieces.length) return;
    const items = pieces.map(({ channel, rawId, outcome, reason }) => ({ id: newId(), channelId: channel.id, rawId, outcome, inboundId: null, reason: storable(reason) }));
    await this.inbound.record(tx, items);
    await this.shelf.put(tx, items.filter(({ outcome }) => outcome === 'quarantined'));
  }

  /** Bytes that were read later turned out to hold this many pieces for the books, such as none in a report of a bounce. */
  recount(tx: Tx, rawId: string, items: number) {
    return this.inbound.recount(tx, rawId, items);
  }

  private async duplicates(tx: Tx, entries: Entry[]) {
    if (!entries.length) return new Map<string, never>();
    const originals = await this.inbound.originals(tx, entries);
    await this.inbound.record(tx, entries.map((entry, place) => ({ ...entry, id: newId(), outcome: 'duplicate', inboundId: originals[place]!.id, reason: null })));
    return new Map(entries.map((entry, place) => {
      const { id, key, seq } = originals[place]!;
      return [entry.id, { inboundId: id, conversationKey: key, conversationSeq: seq }];
    }));
  }

  private async keyword(tx: Tx, channel: ConnectedChannel, message: InboundMessage, key: string): Promise<Keyword | null> {
    if (message.keyword || !KEYWORD_CHANNELS.includes(channel.type) || !isTyped(message)) return message.keyword ?? null;
    const own = channel.settings as OwnWords;
    if (!needsConsentToTell(message.text)) return keywordIn(message.text, own, false);
    const said = await this.inbound.consentIn(tx, key);
    return keywordIn(message.text, own, said.keyword === 'stop' || said.revoked);
  }

  /** What overtook these messages, and which of ours they quote. */
  private async news(tx: Tx, arrivals: Arrival[], entries: Entry[], numbered: Map<string, unknown>): Promise<News> {
    const amended = entries.filter(({ id }, place) => numbered.has(id) && AMENDED_CHANNELS.includes(arrivals[place]!.channel.type));
    if (!amended.length) return NO_NEWS;
    const quotes = arrivals.flatMap(({ channel, message }) => (message.inReplyTo ? [{ channelId: channel.id, providerMessageId: storable(message.inReplyTo) }] : []));
    return { said: await this.amendments.waiting(tx, amended), quoted: await this.amendments.ids(tx, quotes) };
  }

  private async announce(tx: Tx, { channel, message: whole }: Arrival, entry: Entry, { seq, partition }: { seq: number; partition: number }, { said, quoted }: News) {
    const overtaken = said.get(nameOf(entry)) ?? [];
    await this.amendments.tell(tx, channel.id, entry, overtaken);
    const message = overtaken.some(({ change }) => change.kind === 'deleted') ? { ...whole, ...NOTHING } : whole;
    const attachments = await this.media.keep(tx, { channelId: channel.id, messageId: entry.id, key: entry.key }, message.attachments ?? []);
    const inReplyTo = (message.inReplyTo && quoted.get(nameOf({ channelId: channel.id, providerMessageId: storable(message.inReplyTo) }))) ?? null;
    const hint = !entry.keyword && KEYWORD_CHANNELS.includes(channel.type) && isTyped(message) && readsLikeOptOut(message.text) ? OPT_OUT_HINT : null;
    announce(tx, channelEvents.messageReceived, {
      key: entry.key,
      partition,
      data: {
        inboundId: entry.id, channelId: channel.id, channel: channel.type, conversationKey: entry.key, conversationSeq: seq,
        ...contentOf({ ...message, note: message.note ?? hint }), occurredAt: message.occurredAt ?? tx.at.toISOString(), attachments, inReplyTo, keyword: entry.keyword, receivedAt: tx.at.toISOString(),
      },
      actor: { type: 'customer', id: null },
    });
  }
}

/** By channel and provider's id. */
type News = { said: Awaited<ReturnType<AmendmentsService['waiting']>>; quoted: ReadonlyMap<string, string> };
const NO_NEWS: News = { said: new Map(), quoted: new Map() };

/** The title of a button was chosen and not written: it is no keyword (META-3). */
const isTyped = ({ details = [] }: InboundMessage) => !details.some(({ kind }) => kind === 'choice');

const toEntry = ({ channel, rawId, message }: Arrival): Entry => ({
  id: newId(),
  channelId: channel.id,
  providerMessageId: storable(message.providerMessageId),
  key: storable(conversationKey(channel, message)),
  rawId,
  fingerprint: message.fingerprint ?? null,
  keyword: null,
});

/** An envelope that a provider posts is somebody's text, too. */
const storableHeaders = (headers: Raw['headers']): Raw['headers'] => Object.fromEntries(Object.entries(headers).map(([name, value]) => [storable(name), value && storable(value)]));
