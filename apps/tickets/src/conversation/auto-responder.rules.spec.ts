import { describe, expect, it } from '@jest/globals';
import { AUTO_RESPONSES } from '@parley/contracts/texting';
import { isAddressed, isAnswerable, responderOf } from './auto-responder.rules.js';

const text = { channel: 'sms', keyword: null, automatic: null, from: [{ type: 'phone', value: '+15035550142', verified: true }] } as const;

describe('the auto-responder', () => {
  it.each<{ settings: Record<string, unknown>; is: object | null }>`
    settings                                                     | is
    ${{}}                                                        | ${null}
    ${{ autoResponder: { audience: 'off' } }}                    | ${null}
    ${{ autoResponder: 'nonsense' }}                             | ${null}
    ${{ autoResponder: {} }}                                     | ${{ audience: 'all', text: AUTO_RESPONSES.standard }}
    ${{ autoResponder: { audience: 'all', text: null } }}        | ${{ audience: 'all', text: AUTO_RESPONSES.standard }}
    ${{ autoResponder: { audience: 'not_consented', text: 'No' } }} | ${{ audience: 'not_consented', text: 'No' }}
  `('SMS-3 $settings means $is', ({ settings, is }) => expect(responderOf(settings)).toEqual(is));

  it.each<{ audience: 'all' | 'not_consented'; allowed: boolean; reason: 'no_consent' | 'opted_out' | 'blocked' | 'channel_off' | 'not_addressable' | null; is: boolean }>`
    audience           | allowed  | reason               | is
    ${'all'}           | ${true}  | ${null}              | ${true}
    ${'all'}           | ${false} | ${'no_consent'}      | ${true}
    ${'all'}           | ${false} | ${'opted_out'}       | ${false}
    ${'all'}           | ${false} | ${'blocked'}         | ${false}
    ${'all'}           | ${false} | ${'channel_off'}     | ${false}
    ${'all'}           | ${false} | ${'not_addressable'} | ${false}
    ${'not_consented'} | ${true}  | ${null}              | ${false}
    ${'not_consented'} | ${false} | ${'no_consent'}      | ${true}
    ${'not_consented'} | ${false} | ${'opted_out'}       | ${false}
  `('SMS-3 audience $audience, answers allowed: $allowed ($reason): $is', ({ audience, allowed, reason, is }) => expect(isAddressed(audience, { allowed, reason })).toBe(is));

  it('SMS-3 never answers keywords, machines, alphanumeric senders and other channels', () => {
    const others = [{ keyword: 'stop' as const }, { automatic: 'auto_reply' as const }, { from: [{ type: 'alnum' as const, value: 'ACME', verified: false }] }, { channel: 'whatsapp' as const }];
    expect([isAnswerable({ ...text, from: [...text.from] }), ...others.map((more) => isAnswerable({ ...text, from: [...text.from], ...more }))]).toEqual([true, false, false, false, false]);
  });
});
