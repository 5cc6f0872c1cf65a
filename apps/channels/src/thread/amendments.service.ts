import { Injectable } from '@nestjs/common';
import { channelEvents } from '@parley/contracts/channels';
import { forgetInLog } from '@parley/service/taken-back';
import { announce, type Tx } from '@parley/service/tx';
import type { ConnectedChannel, Deletion, Edit, Reaction } from '../adapter.js';
import { CONTENT_BYTES, cut, storable } from '../inbound/content.rules.js';
import { conversationKey } from '../inbound/conversation.rules.js';
import { MediaService } from '../media/media.service.js';
import { AmendmentsRepository, type Said } from './amendments.repository.js';
import { nameOf } from './names.rules.js';
import { type Original, OriginalsRepository } from './originals.repository.js';

/** Reactions, edits and messages taken back (META-2): told under our ids, or kept until their message comes. They are no messages and stand in no books. */
@Injectable()
export class AmendmentsService {
  constructor(
    private readonly originals: OriginalsRepository,
    private readonly parked: AmendmentsRepository,
    private readonly media: MediaService,
  ) {}

  /** The caller is alone with the message. */
  async take(tx: Tx, channel: ConnectedChannel, amendment: Reaction | Edit | Deletion): Promise<void> {
    const said = saidOf(tx, channel, amendment);
    const original = (await this.originals.find(tx, channel.id, [said.providerMessageId])).get(said.providerMessageId);
    if (!original) return this.parked.park(tx, channel.id, said);
    if (!original.stands) return;
    await this.tell(tx, channel.id, original, [said]);
    if (said.change.kind !== 'deleted') return;
    await this.media.unwant(tx, original.id);
    await this.originals.forgetBytes(tx, original.id);
    if (original.key) await forgetInLog(tx, { messageId: original.id, key: original.key, partition: await this.originals.partition(tx, original.key) });
  }

  /** What waits for these messages: for whoever records them, and is alone with them. By channel and provider's id. */
  async waiting(tx: Tx, messages: { channelId: string; providerMessageId: string }[]): Promise<Map<string, Said[]>> {
    const found = messages.length ? await this.parked.take(tx, messages) : [];
    const byMessage = new Map<string, Said[]>();
    for (const { channelId, ...said } of found) {
      const name = nameOf({ channelId, ...said });
      byMessage.set(name, [...(byMessage.get(name) ?? []), said]);
    }
    return byMessage;
  }

  /** Our ids of these messages, as far as they are known, by their names. */
  async ids(tx: Tx, messages: { channelId: string; providerMessageId: string }[]): Promise<Map<string, string>> {
    const ids = new Map<string, string>();
    for (const channelId of new Set(messages.map((one) => one.channelId))) {
      const mine = messages.filter((one) => one.channelId === channelId).map(({ providerMessageId }) => providerMessageId);
      for (const { providerMessageId, id, stands } of (await this.originals.find(tx, channelId, mine)).values()) if (stands) ids.set(nameOf({ channelId, providerMessageId }), id);
    }
    return ids;
  }

  /** Nobody else records or amends these messages until the transaction ends. */
  async alone(tx: Tx, messages: { channelId: string; providerMessageId: string }[]): Promise<void> {
    if (messages.length) await this.originals.alone(tx, messages.map(nameOf));
  }

  /** Told before the message itself, so that tickets never shows it as it was. */
  async tell(tx: Tx, channelId: string, { id, key }: Pick<Original, 'id' | 'key'>, all: readonly Said[]): Promise<void> {
    for (const said of all) {
      const conversation = key ?? said.key;
      announce(tx, channelEvents.messageAmended, {
        key: conversation,
        partition: await this.originals.partition(tx, conversation),
        data: { channelId, conversationKey: conversation, messageId: id, by: said.by, change: said.change, occurredAt: said.occurredAt.toISOString() },
        ...(said.by === 'customer' && { actor: { type: 'customer', id: null } }),
      });
    }
  }
}

const saidOf = (tx: Tx, channel: ConnectedChannel, amendment: Reaction | Edit | Deletion): Said => ({
  providerMessageId: storable(amendment.about),
  key: storable(conversationKey(channel, { from: amendment.person })),
  by: amendment.by,
  change: changeOf(amendment),
  occurredAt: amendment.occurredAt === null ? tx.at : new Date(amendment.occurredAt),
});

function changeOf(amendment: Reaction | Edit | Deletion): Said['change'] {
  if (amendment.kind === 'deletion') return { kind: 'deleted' };
  if (amendment.kind === 'edit') return { kind: 'edited', text: cut(storable(amendment.text), CONTENT_BYTES) };
  return { kind: 'reaction', emoji: amendment.emoji === null ? null : Array.from(storable(amendment.emoji)).slice(0, 20).join('') };
}
