import { describe, expect, it } from '@jest/globals';
import { SETTINGS } from '@parley/contracts/settings';
import { autoCloseDue, type Quiet } from './auto-close.rules.js';

const settings = SETTINGS['auto-close'].parse({ channels: { email: { afterSeconds: 3600 } } });
const quiet: Quiet = {
  channelType: 'email', status: 'open', spam: false, waitingSince: null, answeredAt: new Date('2026-11-20T10:00:00Z'), openSince: new Date('2026-11-20T09:00:00Z'),
};

describe('auto-close', () => {
  it.each<{ ticket: Partial<Quiet>; due: string | null }>`
    rule        | when                               | ticket                                                  | due
    ${'TIME-3'} | ${'answered'}                      | ${{}}                                                   | ${'2026-11-20T11:00:00.000Z'}
    ${'TIME-3'} | ${'reopened or woken since'}       | ${{ openSince: new Date('2026-11-20T12:00:00Z') }}      | ${'2026-11-20T13:00:00.000Z'}
    ${'TIME-3'} | ${'the customer waits'}            | ${{ waitingSince: new Date('2026-11-20T10:01:00Z') }}   | ${null}
    ${'TIME-3'} | ${'never answered'}                | ${{ answeredAt: null }}                                 | ${null}
    ${'TIME-3'} | ${'snoozed'}                       | ${{ status: 'snoozed' }}                                | ${null}
    ${'TIME-3'} | ${'closed'}                        | ${{ status: 'closed' }}                                 | ${null}
    ${'TIME-3'} | ${'spam'}                          | ${{ spam: true }}                                       | ${null}
    ${'TIME-3'} | ${'a channel without the setting'} | ${{ channelType: 'sms' }}                               | ${null}
  `('$rule $when: $due', ({ ticket, due }) => {
    expect(autoCloseDue({ ...quiet, ...ticket }, settings)?.toISOString() ?? null).toBe(due);
  });

  it('TIME-3 is off by default', () => {
    expect(autoCloseDue(quiet, SETTINGS['auto-close'].parse({}))).toBeNull();
  });
});
