import { describe, expect, it } from '@jest/globals';
import { ChannelType } from '@parley/contracts/channels';
import type { TicketStatus } from '@parley/contracts/tickets';
import { canReply, type Answerable } from './can-reply.rules.js';

const wrote = new Date('2026-11-20T09:00:00Z');
const ticket = (more: Partial<Answerable>): Answerable => ({
  channelType: 'email',
  status: 'open',
  customer: { type: 'email', value: 'mia@example.com', verified: true },
  lastInboundAt: wrote,
  windowClosedAt: null,
  profileBlocked: false,
  profileConsents: {},
  channelEnabled: true,
  humanAgent: false,
  ...more,
});
const after = (hours: number, milliseconds = 0) => new Date(wrote.getTime() + hours * 3_600_000 + milliseconds);

describe('can_reply', () => {
  it.each<{ channel: ChannelType; status: TicketStatus; consents: Answerable['profileConsents']; reason: string | null }>`
    channel        | status       | consents                                                       | reason
    ${'webchat'}   | ${'open'}    | ${{}}                                                          | ${null}
    ${'webchat'}   | ${'snoozed'} | ${{}}                                                          | ${null}
    ${'webchat'}   | ${'closed'}  | ${{}}                                                          | ${'chat_closed'}
    ${'email'}     | ${'open'}    | ${{}}                                                          | ${null}
    ${'email'}     | ${'closed'}  | ${{}}                                                          | ${null}
    ${'email'}     | ${'open'}    | ${{ email: 'granted' }}                                        | ${null}
    ${'email'}     | ${'open'}    | ${{ email: 'revoked' }}                                        | ${'opted_out'}
    ${'sms'}       | ${'open'}    | ${{}}                                                          | ${'no_consent'}
    ${'sms'}       | ${'open'}    | ${{ sms_marketing: 'granted' }}                                | ${null}
    ${'sms'}       | ${'open'}    | ${{ sms_transactional: 'granted' }}                            | ${null}
    ${'sms'}       | ${'open'}    | ${{ sms_marketing: 'revoked', sms_transactional: 'granted' }}  | ${null}
    ${'sms'}       | ${'open'}    | ${{ sms_marketing: 'revoked' }}                                | ${'opted_out'}
    ${'sms'}       | ${'open'}    | ${{ sms_marketing: 'revoked', sms_transactional: 'revoked' }}  | ${'opted_out'}
    ${'sms'}       | ${'open'}    | ${{ email: 'granted', whatsapp: 'granted' }}                   | ${'no_consent'}
    ${'instagram'} | ${'open'}    | ${{}}                                                          | ${null}
    ${'whatsapp'}  | ${'open'}    | ${{}}                                                          | ${null}
    ${'whatsapp'}  | ${'open'}    | ${{ whatsapp: 'revoked' }}                                     | ${'opted_out'}
  `('TKT-11 $channel, $status, $consents: $reason', ({ channel, status, consents, reason }) => {
    expect(canReply(ticket({ channelType: channel, status, profileConsents: consents }), after(1))).toMatchObject({ allowed: reason === null, reason });
  });

  it('TKT-11 an alphanumeric sender cannot be answered', () => {
    const alnum = ticket({ channelType: 'sms', customer: { type: 'alnum', value: 'BANK', verified: true }, profileConsents: { sms_marketing: 'granted' } });
    expect(canReply(alnum, wrote)).toEqual({ allowed: false, reason: 'not_addressable', until: null });
  });

  it.each(['instagram', 'whatsapp'] as const)('TKT-11 the %s window is 24 hours, its last instant included', (channelType) => {
    const inside = { allowed: true, reason: null, until: after(24).toISOString() };
    expect(canReply(ticket({ channelType }), wrote)).toEqual(inside);
    expect(canReply(ticket({ channelType }), after(24))).toEqual(inside);
    expect(canReply(ticket({ channelType }), after(24, 1))).toEqual({ allowed: false, reason: 'window_closed', until: null });
  });

  it.each([['agent', 7 * 24], ['ai_agent', 24], ['automation', 24], ['campaign', 24], ['flow', 24]] as const)('TKT-11 what an %s writes by Instagram goes for %d hours where people may answer for longer', (author, hours) => {
    const instagram = ticket({ channelType: 'instagram', humanAgent: true });
    expect(canReply(instagram, after(hours), author)).toEqual({ allowed: true, reason: null, until: after(hours).toISOString() });
    expect(canReply(instagram, after(hours, 1), author)).toEqual({ allowed: false, reason: 'window_closed', until: null });
  });

  it('TKT-11 nobody answers by WhatsApp for longer than 24 hours', () => expect(canReply(ticket({ channelType: 'whatsapp', humanAgent: true }), after(25)).reason).toBe('window_closed'));

  it.each(['instagram', 'whatsapp'] as const)('TKT-11 where the provider says that the %s window is closed, it is, until the customer writes again', (channelType) => {
    const closed = ticket({ channelType, windowClosedAt: after(1) });
    expect(canReply(closed, after(1))).toEqual({ allowed: false, reason: 'window_closed', until: null });
    expect(canReply({ ...closed, lastInboundAt: after(2) }, after(2)).allowed).toBe(true);
    expect(canReply(ticket({ channelType: 'email', windowClosedAt: after(1) }), after(1)).allowed).toBe(true);
  });

  it.each(['webchat', 'email', 'sms'] as const)('TKT-11 %s knows no window', (channelType) => {
    const long = canReply(ticket({ channelType, profileConsents: { sms_transactional: 'granted' } }), after(24 * 365));
    expect(long).toEqual({ allowed: true, reason: null, until: null });
  });

  it.each(ChannelType.options)('TKT-11 nobody answers a blocked profile by %s', (channelType) => {
    expect(canReply(ticket({ channelType, profileBlocked: true, profileConsents: { sms_marketing: 'granted' } }), wrote).reason).toBe('blocked');
  });

  it.each(ChannelType.options)('TKT-11 nobody answers by %s while the channel is off', (channelType) => {
    expect(canReply(ticket({ channelType, channelEnabled: false, profileConsents: { sms_marketing: 'granted' } }), wrote).reason).toBe('channel_off');
  });
});
