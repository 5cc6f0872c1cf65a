import { z } from 'zod';
import { Id, Instant, request } from './contract.js';
import { event } from './events.js';

export const HealthState = z.enum(['green', 'yellow', 'red']).meta({ id: 'HealthState' }).describe('green: works; yellow: somebody should look; red: nothing gets through until somebody acts');
export type HealthState = z.infer<typeof HealthState>;

export const Direction = z.enum(['inbound', 'outbound']);
export type Direction = z.infer<typeof Direction>;

const HealthReason = z.object({
  code: z.string().describe('Stable: auth, config, unreachable, answers_wait, mails_wait, quarantine'),
  state: z.enum(['yellow', 'red']),
  text: z.string().describe('What is wrong, with the provider’s own words'),
  since: Instant.nullable(),
});
const Success = z.object({ at: Instant.nullable(), ageSeconds: z.int().nonnegative().nullable() });

/** How a channel is (OPS-6, META-4): when it last worked in each direction, what the provider last refused, and what waits. */
export const ChannelHealth = z
  .object({
    channelId: Id,
    state: HealthState,
    since: Instant,
    reasons: z.array(HealthReason).describe('Why it is not green'),
    lastInbound: Success.describe('The provider’s last delivery that was verified and stored, or the last mailbox that could be read'),
    lastOutbound: Success.describe('The last answer that the provider took'),
    lastError: z.object({ direction: Direction, code: z.string(), reason: z.string().describe('The provider’s own words'), at: Instant, ageSeconds: z.int().nonnegative() }).nullable(),
    oldestWaiting: z.object({ what: z.enum(['answer', 'mail', 'message']), since: Instant, ageSeconds: z.int().nonnegative() }).nullable().describe('answer: not sent yet; mail: not parsed yet; message: not in its ticket yet'),
    quarantined: z.int().nonnegative().describe('Items that nobody has retried or dismissed'),
  })
  .meta({ id: 'ChannelHealth' });
export type ChannelHealth = z.infer<typeof ChannelHealth>;

export const channelHealth = {
  get: request({
    subject: 'channels.health.get', http: 'GET /v1/channels/:id/health', scope: 'channels:admin', summary: 'Does the channel work? Last successes, last error, what waits, and why it is not green',
    input: z.strictObject({ id: Id }), output: ChannelHealth, errors: ['CHANNEL_NOT_FOUND'],
  }),
};

export const channelHealthEvents = {
  changed: event({
    type: 'channel.health_changed', service: 'channels', version: 1, public: true, summary: 'A channel stopped working, works again, or needs somebody to look',
    data: ChannelHealth.pick({ channelId: true, state: true, since: true, reasons: true }),
  }),
};
