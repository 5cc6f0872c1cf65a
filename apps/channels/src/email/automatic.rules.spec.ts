import { describe, expect, it } from '@jest/globals';
import { automaticKind } from './automatic.rules.js';

const kind = (headers: Record<string, string>, more: { from?: string; madeHere?: boolean } = {}) =>
  automaticKind({ headers: new Map(Object.entries(headers)), from: 'ada@customer.example', ours: ['support@parley.example'], madeHere: false, ...more });

describe('MAIL-4 what no person wrote', () => {
  it.each`
    headers                                                                                                           | is
    ${{}}                                                                                                             | ${null}
    ${{ subject: 'Out of office' }}                                                                                   | ${null}
    ${{ 'return-path': '<>' }}                                                                                        | ${null}
    ${{ 'auto-submitted': 'no' }}                                                                                     | ${null}
    ${{ 'auto-submitted': 'No (a person)' }}                                                                          | ${null}
    ${{ 'auto-submitted': 'auto-replied' }}                                                                           | ${'auto_reply'}
    ${{ 'auto-submitted': 'auto-generated; owner-email="x@y"' }}                                                      | ${'auto_reply'}
    ${{ 'x-autoreply': 'yes' }}                                                                                       | ${'auto_reply'}
    ${{ 'x-autorespond': '' }}                                                                                        | ${'auto_reply'}
    ${{ 'x-loop': 'somebody' }}                                                                                       | ${'auto_reply'}
    ${{ 'x-auto-response-suppress': 'All' }}                                                                          | ${null}
    ${{ 'x-auto-response-suppress': 'All', 'x-ms-exchange-inbox-rules-loop': 'a@b' }}                                 | ${'auto_reply'}
    ${{ 'x-auto-response-suppress': 'DR', 'x-ms-exchange-inbox-rules-loop': 'a@b' }}                                  | ${null}
    ${{ precedence: 'bulk', 'auto-submitted': 'auto-replied' }}                                                       | ${'auto_reply'}
    ${{ precedence: 'bulk' }}                                                                                         | ${'bulk'}
    ${{ precedence: ' List' }}                                                                                        | ${'bulk'}
    ${{ precedence: 'first-class' }}                                                                                  | ${null}
    ${{ 'list-id': 'x' }}                                                                                             | ${'bulk'}
    ${{ 'list-unsubscribe': '<https://x>' }}                                                                          | ${'bulk'}
    ${{ 'content-type': 'multipart/report; report-type=delivery-status; boundary="B"', 'auto-submitted': 'auto-replied' }} | ${'bounce'}
    ${{ 'x-failed-recipients': 'a@b' }}                                                                               | ${'bounce'}
    ${{ 'content-type': 'multipart/report; boundary=B; report-type="disposition-notification"' }}                     | ${'receipt'}
    ${{ 'content-type': 'multipart/mixed; report-type=delivery-status' }}                                             | ${null}
  `('MAIL-4 $headers: $is', ({ headers, is }) => {
    expect(kind(headers as Record<string, string>)).toBe(is);
  });

  it('MAIL-4 our own mail that came back is told by its id or its sender; a bounce of it is still a bounce', () => {
    expect(kind({}, { madeHere: true })).toBe('own');
    expect(kind({ 'auto-submitted': 'auto-generated' }, { from: 'support@parley.example' })).toBe('own');
    expect(kind({ 'content-type': 'multipart/report; report-type=delivery-status' }, { madeHere: true })).toBe('bounce');
  });

  it('a set-up mail is one only from whom it should come', () => {
    const subject = '(#123456789) Gmail Forwarding Confirmation - Receive Mail from support@myshop.example';
    expect(kind({ subject }, { from: 'forwarding-noreply@google.com' })).toBeNull();
    expect(kind({ subject })).toBeNull();
  });
});
