import { z } from 'zod';
import { Id, Instant, request } from './contract.js';
import { event } from './events.js';

/** Short links (SMS-4): the gateway redirects at GET /l/:code. */
export const links = {
  open: request({
    subject: 'channels.link.open', scope: 'internal', summary: 'Where a short link leads; somebody’s visit is counted',
    input: z.strictObject({
      code: z.string().max(100), method: z.string().max(10), userAgent: z.string().max(1000).nullable(),
      purpose: z.string().max(200).nullable().describe('What browsers say when they fetch ahead: Sec-Purpose, Purpose, X-Moz'),
    }),
    output: z.object({ url: z.url({ protocol: /^https?$/ }) }), errors: ['LINK_NOT_FOUND', 'LINK_EXPIRED'],
  }),
};

export const linkEvents = {
  clicked: event({
    type: 'channel.link_clicked', service: 'channels', version: 1, public: false, summary: 'A customer followed a link of a text (SMS-4)',
    data: z.object({ clickId: Id, messageId: Id, ticketId: Id.nullable(), profileId: Id, channelId: Id, url: z.string(), clickedAt: Instant }),
  }),
};
