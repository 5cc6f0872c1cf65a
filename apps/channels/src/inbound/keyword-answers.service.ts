import { Injectable } from '@nestjs/common';
import { type KeywordSettings, textingEvents } from '@parley/contracts/texting';
import { newId } from '@parley/service/ids';
import { announce, type Tx } from '@parley/service/tx';
import type { ConnectedChannel, InboundMessage } from '../adapter.js';
import { DeliveriesService } from '../outbound/deliveries.service.js';
import { ProjectionService } from '../webchat/projection.service.js';
import { answerTo, isAnsweredBy } from './keyword-answers.rules.js';
import { matchIn } from './keyword.rules.js';
import { InboundRepository } from './inbound.repository.js';
import type { Accepted } from './intake.service.js';

/** Our words to keywords (SMS-2): where the provider says nothing, and also to somebody who has opted out, who must know that we heard. */
@Injectable()
export class KeywordAnswersService {
  constructor(
    private readonly inbound: InboundRepository,
    private readonly deliveries: DeliveriesService,
    private readonly brands: ProjectionService,
  ) {}

  /** HELP is answered each time; STOP, START and JOIN where they are news. Exactly one answer, however often the message is delivered. */
  async answer(tx: Tx, channel: ConnectedChannel, message: InboundMessage, { keyword, duplicate, conversationKey, conversationSeq, inboundId }: Accepted) {
    const to = message.from[0]!;
    const settings = channel.settings as Partial<KeywordSettings>;
    if (!keyword || duplicate || message.providerReplied || to.type === 'alnum') return;
    if (settings.providerAnswersKeywords && isAnsweredBy(channel.provider, message.text)) return;
    const before = await this.inbound.saidBefore(tx, conversationKey, conversationSeq);
    if (before.blocked || (keyword !== 'help' && before.keyword === keyword)) return;
    const match = matchIn(message.text, settings, true);
    const text = answerTo({ keyword, language: match?.keyword === keyword ? match.language : 'en' }, settings, (await this.brands.nameOfBrand(tx)) || channel.name);
    await this.deliveries.answerAlone(tx, channel, { to, text, inboundId });
    announce(tx, textingEvents.keywordAnswered, {
      key: conversationKey, data: { messageId: newId(), inboundId, channelId: channel.id, to, keyword, text, sentAt: tx.at.toISOString() },
    });
  }
}
