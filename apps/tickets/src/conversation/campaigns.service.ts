import { Injectable } from '@nestjs/common';
import type { Attribution, CampaignMessage, campaigns } from '@parley/contracts/campaigns';
import type { AcceptedMessage, Identifier } from '@parley/contracts/channels';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { Data } from '@parley/contracts/events';
import type { textingEvents } from '@parley/contracts/texting';
import { ticketEvents } from '@parley/contracts/tickets';
import { within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { DirectoryService } from '../directory/directory.service.js';
import { IdentityService } from '../profiles/identity.service.js';
import { SettingsService } from '../settings/settings.service.js';
import { toSnapshot, type TicketRow } from '../ticket/ticket.entity.js';
import { TicketsService } from '../ticket/tickets.service.js';
import { CAMPAIGNS, isAnswer, type LastSent } from './campaign.rules.js';
import { CampaignsRepository, type CampaignEntity } from './campaigns.repository.js';
import { PLAIN, type MessageEntity } from './message.entity.js';
import { MessagesRepository } from './messages.repository.js';

/** What campaigns and flows sent (TKT-9), and which answers are theirs (SMS-5). */
@Injectable()
export class CampaignsService {
  constructor(
    private readonly db: DataSource,
    private readonly campaigns: CampaignsRepository,
    private readonly messages: MessagesRepository,
    private readonly tickets: TicketsService,
    private readonly identity: IdentityService,
    private readonly directory: DirectoryService,
    private readonly settings: SettingsService,
  ) {}

  record(input: Input<typeof campaigns.record>, by: Actor): Promise<CampaignMessage> {
    return within(
      this.db, by,
      async (tx) => toCampaignMessage(await this.put(tx, input)),
      async (tx, id) => toCampaignMessage(await this.campaigns.find(tx, { id })),
    );
  }

  /** Messages of before the ticket that belong into its thread, which is being opened; their place is still to be given. */
  async take(tx: Tx, ticket: TicketRow): Promise<MessageEntity[]> {
    if (!CAMPAIGNS[ticket.channelType].inThread) return [];
    return (await this.campaigns.take(tx, ticket.profileId, ticket.channelId, ticket.id)).map((sent) => inThread(ticket, sent));
  }

  /** What a keyword was answered by itself (SMS-2): it stands where campaign messages stand, and nothing is attributed to it. */
  async keywordAnswered(tx: Tx, { messageId, channelId, to, keyword, text, sentAt }: Data<typeof textingEvents.keywordAnswered>): Promise<void> {
    const channel = await this.directory.channel(tx, channelId);
    const profileId = await this.identity.addressee(tx, [{ ...to, verified: true } as Identifier]);
    if (!channel || !profileId) return;
    const sent = await this.campaigns.record(tx, {
      profileId, channelId, channelType: channel.type, kind: 'automation', sourceId: keyword, sourceName: null, text, sentAt: new Date(sentAt), uniqueId: `keyword ${messageId}`,
    });
    if (sent) await this.stand(tx, sent);
  }

  /** What the message answers. Keywords answer nothing. Asks nobody where nothing was sent or somebody has answered. */
  async attribution(tx: Tx, message: AcceptedMessage, sent: LastSent | null): Promise<Attribution | null> {
    if (!sent || sent.answeredBy !== null || message.keyword) return null;
    const { windowSeconds } = await this.settings.read(tx, 'attribution');
    const at = new Date(Math.min(Date.parse(message.occurredAt), Date.parse(message.receivedAt)));
    if (!isAnswer(sent, at, windowSeconds) || !(await this.campaigns.answer(tx, sent.id, message.inboundId))) return null;
    const { kind, sourceId, sourceName: name, id: campaignMessageId } = sent;
    return {
      kind, campaignId: kind === 'campaign' ? sourceId : null, flowId: kind === 'flow' ? sourceId : null, name, campaignMessageId,
      sentAt: new Date(sent.sentAt).toISOString(), messageId: message.inboundId, windowSeconds,
    };
  }

  private async put(tx: Tx, { profile, channelId, campaignId, flowId, name, text, sentAt, uniqueId }: Input<typeof campaigns.record>): Promise<CampaignEntity> {
    const channel = await this.directory.channel(tx, channelId);
    if (!channel) throw new ContractError('CHANNEL_NOT_FOUND', `No channel ${channelId}`);
    const [named] = await this.identity.people(tx, [profile]);
    if (named === undefined) throw new ContractError('PROFILE_NOT_FOUND', `No profile ${profile.id}`);
    // Locked, so that a ticket that is opened at this moment comes either before, and is found, or afterwards, and finds the message.
    const { id: profileId } = await this.identity.lock(tx, named);
    const sent = await this.campaigns.record(tx, {
      profileId, channelId, channelType: channel.type, kind: campaignId === undefined ? 'flow' : 'campaign', sourceId: (campaignId ?? flowId)!, sourceName: name,
      text, sentAt: sentAt === undefined ? tx.at : new Date(sentAt), uniqueId: uniqueId ?? null,
    });
    if (!sent) return this.campaigns.find(tx, { uniqueId: uniqueId! });
    return CAMPAIGNS[sent.channelType].inThread ? this.stand(tx, sent) : sent;
  }

  /** Puts it at the end of the thread, if there is one. It is no answer: nobody waits less for one, and the inbox keeps its order. */
  private async stand(tx: Tx, sent: CampaignEntity): Promise<CampaignEntity> {
    const ticket = await this.tickets.lockThread(tx, sent.profileId, sent.channelId);
    if (!ticket) return sent;
    const before = toSnapshot(ticket);
    ticket.lastSeq += 1;
    await this.messages.insert(tx, { ...inThread(ticket, sent), seq: ticket.lastSeq });
    await this.campaigns.putIn(tx, sent.id, ticket.id);
    await this.tickets.settle(tx, ticket, before, [ticketEvents.updated]);
    return { ...sent, ticketId: ticket.id };
  }
}

const inThread = (ticket: TicketRow, { id, kind, sourceName, text, sentAt }: CampaignEntity): MessageEntity => ({
  id, accountId: ticket.accountId, ticketId: ticket.id, seq: 0, direction: 'outbound', authorType: kind, authorId: null, authorName: sourceName,
  text, html: null, truncated: false, attachments: [], keyword: null, automatic: null, note: null, deliveryState: null, deliveryFailure: null,
  occurredAt: sentAt, receivedAt: sentAt, readAt: null, sourceEventId: null, ...PLAIN,
});

const toCampaignMessage = ({ id, profileId, channelId, kind, sourceId, sourceName: name, text, sentAt, ticketId, answeredBy }: CampaignEntity): CampaignMessage => ({
  id, profileId, channelId, kind: kind === 'flow' ? kind : 'campaign', sourceId, name, text, sentAt: sentAt.toISOString(), ticketId, answeredBy,
});
