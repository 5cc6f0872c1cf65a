import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { channelEvents } from '@parley/contracts/channels';
import { newId } from '@parley/service/ids';
import { Rounds } from '@parley/service/rounds';
import { announce, system, type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { ConnectedChannel, Echo } from '../adapter.js';
import { contentOf } from '../inbound/content.rules.js';
import { conversationKey } from '../inbound/conversation.rules.js';
import { MediaService } from '../media/media.service.js';
import { AmendmentsService } from './amendments.service.js';
import { type Echoed, EchoesRepository, type NewEcho } from './echoes.repository.js';
import { OriginalsRepository } from './originals.repository.js';

const PAUSE_MS = 500;

/**
 * What the brand writes in the provider's own app (META-2). The provider repeats our own messages, too, and may do so before we have its answer to our
 * call: while one to the same person is on its way, an echo waits until it is known whose it is. Told apart by ids, never by words.
 */
@Injectable()
export class EchoesService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds = new Rounds(() => this.decide(), PAUSE_MS, 'echoes wait on');

  constructor(
    private readonly db: DataSource,
    private readonly echoes: EchoesRepository,
    private readonly originals: OriginalsRepository,
    private readonly amendments: AmendmentsService,
    private readonly media: MediaService,
  ) {}

  onApplicationBootstrap() {
    this.rounds.start();
  }

  onModuleDestroy() {
    return this.rounds.stop();
  }

  /** The caller is alone with the message. */
  async take(tx: Tx, channel: ConnectedChannel, echo: Echo): Promise<void> {
    const isOurs = (await this.originals.find(tx, channel.id, [echo.providerMessageId])).size > 0;
    if (isOurs || (await this.echoes.isKnown(tx, channel.id, echo.providerMessageId))) return;
    const id = newId();
    const echoed = await this.read(tx, channel, echo, id);
    const row = { id, channelId: channel.id, providerMessageId: echo.providerMessageId, key: echoed.conversationKey };
    const mayBeOurs = await this.echoes.isSending(tx, channel.id, echo.to.map(({ value }) => value));
    await this.echoes.add(tx, { ...row, waiting: mayBeOurs ? echoed : null });
    if (!mayBeOurs) await this.tell(tx, row, echoed);
  }

  /** These were sent by us after all. The caller is alone with them. */
  async ours(tx: Tx, channelId: string, providerIds: string[]): Promise<void> {
    await this.echoes.drop(tx, channelId, providerIds);
  }

  /** One round: those of which it is known by now that nobody here sent them. */
  async decide(): Promise<void> {
    for (const { id, account, isOld } of await this.echoes.undecided()) {
      if (this.rounds.stopped) return;
      await within(this.db, system(account), (tx) => this.decideOne(tx, id, isOld));
    }
  }

  private async decideOne(tx: Tx, id: string, isOld: boolean) {
    const seen = await this.echoes.find(tx, id);
    if (seen) await this.amendments.alone(tx, [seen]);
    const row = await this.echoes.find(tx, id);
    if (!row?.waiting) return this.echoes.decided(tx, id);
    if (!isOld && (await this.echoes.isSending(tx, row.channelId, row.waiting.to.map(({ value }) => value)))) return;
    await this.echoes.decided(tx, id);
    await this.tell(tx, row, row.waiting);
  }

  private async tell(tx: Tx, { id, channelId, providerMessageId, key }: Omit<NewEcho, 'waiting'>, { files, ...echoed }: Echoed) {
    const said = [...(await this.amendments.waiting(tx, [{ channelId, providerMessageId }])).values()].flat();
    await this.amendments.tell(tx, channelId, { id, key }, said);
    const isGone = said.some(({ change }) => change.kind === 'deleted');
    const content = isGone ? { text: '', details: [], attachments: [] } : { attachments: await this.media.keep(tx, { channelId, messageId: id, key }, files) };
    announce(tx, channelEvents.messageEchoed, { key, partition: await this.originals.partition(tx, key), data: { ...echoed, ...content } });
  }

  private async read(tx: Tx, channel: ConnectedChannel, echo: Echo, messageId: string): Promise<Echoed> {
    const { from: to, text, details } = contentOf({ kind: 'message', from: echo.to, text: echo.text, details: echo.details, providerMessageId: echo.providerMessageId, occurredAt: null });
    const quoted = echo.inReplyTo === null ? null : (await this.originals.find(tx, channel.id, [echo.inReplyTo])).get(echo.inReplyTo);
    return {
      messageId, channelId: channel.id, channel: channel.type, conversationKey: conversationKey(channel, { from: to }), to, text, details, files: echo.attachments,
      inReplyTo: quoted?.id ?? null, occurredAt: echo.occurredAt ?? tx.at.toISOString(),
    };
  }
}
