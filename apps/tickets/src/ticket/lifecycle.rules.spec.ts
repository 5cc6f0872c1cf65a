import { describe, expect, it } from '@jest/globals';
import { ChannelType } from '@parley/contracts/channels';
import { ContractError } from '@parley/contracts/errors';
import type { TicketStatus } from '@parley/contracts/tickets';
import { moved, obstacle, type Move, type Mover } from './lifecycle.rules.js';

describe('the moves of a ticket', () => {
  it.each<{ move: Move; status: TicketStatus; by: Mover; reason: string | null }>`
    rule       | move        | status       | by            | reason
    ${'TKT-5'} | ${'close'}  | ${'open'}    | ${'agent'}    | ${null}
    ${'TKT-5'} | ${'close'}  | ${'snoozed'} | ${'agent'}    | ${null}
    ${'TKT-5'} | ${'close'}  | ${'closed'}  | ${'agent'}    | ${'already_closed'}
    ${'CHAT-7'} | ${'close'} | ${'open'}    | ${'customer'} | ${null}
    ${'TIME-3'} | ${'close'} | ${'open'}    | ${'timer'}    | ${null}
    ${'TKT-5'} | ${'reopen'} | ${'closed'}  | ${'agent'}    | ${null}
    ${'TKT-5'} | ${'reopen'} | ${'open'}    | ${'agent'}    | ${'not_closed'}
    ${'TKT-5'} | ${'reopen'} | ${'snoozed'} | ${'agent'}    | ${'not_closed'}
    ${'TKT-2'} | ${'reopen'} | ${'closed'}  | ${'customer'} | ${null}
    ${'TKT-5'} | ${'reopen'} | ${'closed'}  | ${'timer'}    | ${'not_yours_to_do'}
    ${'TKT-6'} | ${'snooze'} | ${'open'}    | ${'agent'}    | ${null}
    ${'TKT-6'} | ${'snooze'} | ${'snoozed'} | ${'agent'}    | ${null}
    ${'TKT-6'} | ${'snooze'} | ${'closed'}  | ${'agent'}    | ${'closed'}
    ${'TKT-6'} | ${'snooze'} | ${'open'}    | ${'customer'} | ${'not_yours_to_do'}
    ${'TKT-6'} | ${'wake'}   | ${'snoozed'} | ${'agent'}    | ${null}
    ${'TKT-6'} | ${'wake'}   | ${'snoozed'} | ${'customer'} | ${null}
    ${'TIME-4'} | ${'wake'}  | ${'snoozed'} | ${'timer'}    | ${null}
    ${'TKT-6'} | ${'wake'}   | ${'open'}    | ${'agent'}    | ${'not_snoozed'}
    ${'TKT-6'} | ${'wake'}   | ${'closed'}  | ${'agent'}    | ${'not_snoozed'}
  `('$rule $move of a $status ticket by $by: $reason', ({ move, status, by, reason }) => {
    expect(obstacle({ status, channelType: 'sms' }, move, by)).toBe(reason);
  });

  it.each<{ channel: ChannelType; reason: string | null }>`
    channel        | reason
    ${'webchat'}   | ${'never_reopens'}
    ${'email'}     | ${null}
    ${'sms'}       | ${null}
    ${'instagram'} | ${'never_reopens'}
    ${'whatsapp'}  | ${null}
  `('TKT-5 an agent reopens a closed $channel ticket: $reason', ({ channel, reason }) => {
    expect(obstacle({ status: 'closed', channelType: channel }, 'reopen', 'agent')).toBe(reason);
  });

  it.each(ChannelType.options)('TKT-5 every %s ticket can be closed', (channelType) => {
    expect(moved({ status: 'open', channelType }, 'close', 'agent')).toBe('closed');
  });

  it('TKT-5 a refusal carries its reason', () => {
    expect(() => moved({ status: 'closed', channelType: 'webchat' }, 'reopen', 'agent')).toThrow(ContractError);
    expect(() => moved({ status: 'closed', channelType: 'webchat' }, 'reopen', 'agent')).toThrow(expect.objectContaining({ code: 'MOVE_NOT_ALLOWED', more: { reason: 'never_reopens' } }));
  });
});
