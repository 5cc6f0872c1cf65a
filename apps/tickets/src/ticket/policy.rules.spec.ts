import { describe, expect, it } from '@jest/globals';
import { ChannelType } from '@parley/contracts/channels';
import type { TicketStatus } from '@parley/contracts/tickets';
import { POLICY, arrival, kindOf, type MessageKind } from './policy.rules.js';

describe('the conversation policy', () => {
  it.each<{ channel: ChannelType; per: string[]; among: string }>`
    rule       | channel        | per                       | among
    ${'TKT-2'} | ${'webchat'}   | ${['session']}            | ${'all'}
    ${'TKT-2'} | ${'email'}     | ${['thread']}             | ${'all'}
    ${'TKT-2'} | ${'sms'}       | ${['profile', 'address']} | ${'all'}
    ${'TKT-2'} | ${'instagram'} | ${['profile', 'address']} | ${'not closed'}
    ${'TKT-2'} | ${'whatsapp'}  | ${['profile', 'address']} | ${'all'}
  `('$rule a $channel ticket is one of $per among $among tickets', ({ channel, per, among }) => {
    expect(POLICY[channel]).toMatchObject({ per, among });
  });

  it.each(ChannelType.options)('TKT-1 the first message of a %s conversation opens a ticket', (channel) => {
    expect(arrival(channel, 'written', null)).toBe('new');
  });

  it.each<{ channel: ChannelType; status: TicketStatus; does: string }>`
    rule       | channel        | status       | does
    ${'TKT-2'} | ${'webchat'}   | ${'open'}    | ${'append'}
    ${'TKT-6'} | ${'webchat'}   | ${'snoozed'} | ${'wake'}
    ${'TKT-2'} | ${'webchat'}   | ${'closed'}  | ${'refuse'}
    ${'TKT-2'} | ${'email'}     | ${'open'}    | ${'append'}
    ${'TKT-6'} | ${'email'}     | ${'snoozed'} | ${'wake'}
    ${'TKT-2'} | ${'email'}     | ${'closed'}  | ${'reopen'}
    ${'TKT-2'} | ${'sms'}       | ${'open'}    | ${'append'}
    ${'TKT-6'} | ${'sms'}       | ${'snoozed'} | ${'wake'}
    ${'TKT-2'} | ${'sms'}       | ${'closed'}  | ${'reopen'}
    ${'TKT-2'} | ${'instagram'} | ${'open'}    | ${'append'}
    ${'TKT-6'} | ${'instagram'} | ${'snoozed'} | ${'wake'}
    ${'TKT-2'} | ${'instagram'} | ${'closed'}  | ${'new'}
    ${'TKT-2'} | ${'whatsapp'}  | ${'open'}    | ${'append'}
    ${'TKT-6'} | ${'whatsapp'}  | ${'snoozed'} | ${'wake'}
    ${'TKT-2'} | ${'whatsapp'}  | ${'closed'}  | ${'reopen'}
  `('$rule a message to a $status $channel ticket: $does', ({ channel, status, does }) => {
    expect(arrival(channel, 'written', { status, wakeOnReply: true })).toBe(does);
  });

  it.each(ChannelType.options)('TKT-6 a %s ticket snoozed with wakeOnReply false sleeps on', (channel) => {
    expect(arrival(channel, 'written', { status: 'snoozed', wakeOnReply: false })).toBe('append');
  });

  it.each<{ kind: MessageKind; status: TicketStatus | null; does: string }>`
    rule            | kind            | status       | does
    ${'SMS-2'}      | ${'keyword'}    | ${null}      | ${'aside'}
    ${'SMS-2'}      | ${'keyword'}    | ${'closed'}  | ${'append'}
    ${'SMS-2'}      | ${'keyword'}    | ${'snoozed'} | ${'append'}
    ${'MAIL-4'}     | ${'auto_reply'} | ${null}      | ${'aside'}
    ${'settled 18'} | ${'auto_reply'} | ${'closed'}  | ${'append'}
    ${'settled 18'} | ${'auto_reply'} | ${'snoozed'} | ${'append'}
    ${'MAIL-4'}     | ${'bulk'}       | ${null}      | ${'new'}
    ${'settled 18'} | ${'bulk'}       | ${'closed'}  | ${'append'}
  `('$rule $kind to a $status ticket: $does', ({ kind, status, does }) => {
    expect(arrival('sms', kind, status && { status, wakeOnReply: true })).toBe(does);
  });

  it.each<{ keyword: string | null; automatic: 'auto_reply' | 'bulk' | null; kind: string }>`
    keyword   | automatic       | kind
    ${null}   | ${null}         | ${'written'}
    ${'stop'} | ${null}         | ${'keyword'}
    ${'stop'} | ${'bulk'}       | ${'keyword'}
    ${null}   | ${'auto_reply'} | ${'auto_reply'}
    ${null}   | ${'bulk'}       | ${'bulk'}
  `('SMS-2 keyword $keyword, automatic $automatic: it is $kind', ({ keyword, automatic, kind }) => {
    expect(kindOf({ keyword, automatic })).toBe(kind);
  });
});
