import { describe, expect, it } from '@jest/globals';
import { SETTINGS } from '@parley/contracts/settings';
import { followUpDue, type Chat } from './follow-up.rules.js';

const settings = SETTINGS['follow-up'].parse({});
const addresses = { to: 'mia@example.com', from: 'help@shop.example' };
const away: Chat = {
  channelType: 'webchat', status: 'open', chatOnline: false, chatSince: new Date('2026-11-20T10:00:00Z'),
  lastAgentSeq: 2, lastAgentAt: new Date('2026-11-20T09:59:00Z'), lastInboundSeq: 1, readUpToSeq: 0,
};

describe('the follow-up e-mail', () => {
  it.each<{ chat: Partial<Chat>; due: string | null }>`
    rule        | when                                     | chat                                                   | due
    ${'TIME-1'} | ${'gone with an answer unread'}          | ${{}}                                                  | ${'2026-11-20T10:03:00.000Z'}
    ${'TIME-1'} | ${'answered after they had gone'}        | ${{ lastAgentAt: new Date('2026-11-20T10:01:00Z') }}   | ${'2026-11-20T10:04:00.000Z'}
    ${'TIME-1'} | ${'snoozed by the agent'}                | ${{ status: 'snoozed' }}                               | ${'2026-11-20T10:03:00.000Z'}
    ${'TIME-1'} | ${'read before another answer'}          | ${{ readUpToSeq: 2, lastAgentSeq: 3 }}                 | ${'2026-11-20T10:03:00.000Z'}
    ${'TIME-1'} | ${'still there'}                         | ${{ chatOnline: true }}                                | ${null}
    ${'TIME-1'} | ${'nothing known of the visitor'}        | ${{ chatOnline: null, chatSince: null }}               | ${null}
    ${'TIME-1'} | ${'all read'}                            | ${{ readUpToSeq: 2 }}                                  | ${null}
    ${'TIME-1'} | ${'the visitor wrote last'}              | ${{ lastInboundSeq: 3 }}                               | ${null}
    ${'TIME-1'} | ${'no answer yet'}                       | ${{ lastAgentSeq: 0, lastAgentAt: null }}              | ${null}
    ${'TIME-1'} | ${'closed'}                              | ${{ status: 'closed' }}                                | ${null}
    ${'TIME-1'} | ${'no web chat'}                         | ${{ channelType: 'sms' }}                              | ${null}
  `('$rule $when: $due', ({ chat, due }) => {
    expect(followUpDue({ ...away, ...chat }, settings, addresses)?.toISOString() ?? null).toBe(due);
  });

  it.each<{ change: object; to: object }>`
    rule        | when                      | change                   | to
    ${'TIME-1'} | ${'switched off'}         | ${{ enabled: false }}    | ${{}}
    ${'TIME-1'} | ${'no support address'}   | ${{}}                    | ${{ from: null }}
    ${'TIME-1'} | ${'no e-mail address'}    | ${{}}                    | ${{ to: null }}
  `('$rule $when: none', ({ change, to }) => {
    expect(followUpDue(away, { ...settings, ...change }, { ...addresses, ...to })).toBeNull();
  });

  it('TIME-1 the delay is configurable', () => {
    expect(followUpDue(away, { ...settings, delaySeconds: 10 }, addresses)?.toISOString()).toBe('2026-11-20T10:00:10.000Z');
  });
});
