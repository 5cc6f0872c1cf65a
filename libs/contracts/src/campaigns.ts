import { z } from 'zod';
import { Id, Instant, request, text } from './contract.js';
import { ProfileRef } from './customer-events.js';

/** A campaign or flow message that another system sent to a customer. */
export const CampaignMessage = z
  .object({
    id: Id, profileId: Id, channelId: Id, kind: z.enum(['campaign', 'flow']), sourceId: z.string(), name: z.string().nullable(), text: z.string(),
    sentAt: Instant, ticketId: Id.nullable().describe('The ticket in whose thread it stands; null until there is one'),
    answeredBy: Id.nullable().describe('SMS-5: the first message of the answer'),
  })
  .meta({ id: 'CampaignMessage' });
export type CampaignMessage = z.infer<typeof CampaignMessage>;

/** SMS-5: what the first message of an answer is attributed to; stands on its ticket. */
export const Attribution = z
  .object({
    kind: z.enum(['campaign', 'flow']), campaignId: z.string().nullable(), flowId: z.string().nullable(), name: z.string().nullable(),
    campaignMessageId: Id, sentAt: Instant, messageId: Id.describe('The customer’s message'), windowSeconds: z.int(),
  })
  .meta({ id: 'Attribution' });
export type Attribution = z.infer<typeof Attribution>;

export const campaigns = {
  record: request({
    subject: 'tickets.campaign-message.record', http: 'POST /v1/messages/campaign', status: 201, scope: 'events:write',
    summary: 'Record a campaign or flow message that was sent to a customer: it stands in their timeline and in the thread of SMS and WhatsApp (TKT-9), and answers are attributed to it (SMS-5). Nothing is sent',
    input: z.strictObject({
      profile: ProfileRef,
      channelId: Id,
      campaignId: text(200).optional(),
      flowId: text(200).optional().describe('Instead of campaignId'),
      name: text(200).nullable().default(null),
      text: text(10_000),
      sentAt: Instant.optional().describe('Default: now'),
      uniqueId: text(200).optional().describe('A repeat with the same one changes nothing and answers what is recorded'),
    }).refine(({ campaignId, flowId }) => (campaignId === undefined) !== (flowId === undefined), 'give campaignId or flowId'),
    output: CampaignMessage, errors: ['PROFILE_NOT_FOUND', 'CHANNEL_NOT_FOUND'],
  }),
};
