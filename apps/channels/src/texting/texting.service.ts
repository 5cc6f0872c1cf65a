import { Injectable } from '@nestjs/common';
import type { Channel } from '@parley/contracts/channels';
import type { Actor, Input, Output } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { AUTO_RESPONSES, type texting } from '@parley/contracts/texting';
import { ChannelsService } from '../channel/channels.service.js';
import { standardWords } from '../inbound/keyword.rules.js';
import { autoResponderOf, keywordsOf } from './texting.rules.js';

const STANDARD = { stop: standardWords('stop'), start: standardWords('start'), help: standardWords('help'), join: standardWords('join') };
/** Which channels are for texts, and which of these answer by themselves. */
const TEXTING = { keywords: ['sms', 'whatsapp'], autoResponder: ['sms'] };

/** Keywords and auto-responder: parts of a channel's settings that have a place of their own (SMS-2, SMS-3). */
@Injectable()
export class TextingService {
  constructor(private readonly channels: ChannelsService) {}

  async keywords({ id }: Input<typeof texting.keywords>, by: Actor) {
    return toKeywords(await this.find('keywords', id, by));
  }

  async setKeywords({ id, ifMatch, ...wish }: Input<typeof texting.setKeywords>, by: Actor) {
    const { settings } = await this.find('keywords', id, by);
    return toKeywords(await this.channels.update({ id, ifMatch, settings: { ...settings, ...wish } }, by));
  }

  async autoResponder({ id }: Input<typeof texting.autoResponder>, by: Actor) {
    return toResponder(await this.find('autoResponder', id, by));
  }

  async setAutoResponder({ id, ifMatch, ...autoResponder }: Input<typeof texting.setAutoResponder>, by: Actor) {
    const { settings } = await this.find('autoResponder', id, by);
    return toResponder(await this.channels.update({ id, ifMatch, settings: { ...settings, autoResponder } }, by));
  }

  private async find(what: keyof typeof TEXTING, id: string, by: Actor): Promise<Channel> {
    const channel = await this.channels.get({ id }, by);
    if (!TEXTING[what].includes(channel.type)) throw new ContractError('CHANNEL_WITHOUT_KEYWORDS', `A channel of type ${channel.type}`);
    return channel;
  }
}

const toKeywords = ({ id, version, settings }: Channel): Output<typeof texting.keywords> => ({ channelId: id, standard: STANDARD, ...keywordsOf(settings), version });

const toResponder = ({ id, version, settings }: Channel): Output<typeof texting.autoResponder> => ({
  channelId: id, ...autoResponderOf(settings), standardText: AUTO_RESPONSES.standard, suggestedText: AUTO_RESPONSES.support, version,
});
