import { describe, expect, it } from '@jest/globals';
import { glance, mailOf, type ParsedMail, storable } from './reading.rules.js';

const parsed: ParsedMail = {
  headers: [{ key: 'message-id', value: '<a@x>' }, { key: 'date', value: 'Fri, 20 Nov 2026 10:00:00 +0100' }], from: [{ name: 'Ada', address: 'Ada@Customer.example' }], sender: [], to: [], cc: [],
  subject: 'Hello', text: 'Hi', html: '', above: null, attachments: [],
};
const at = new Date('2026-11-20T12:00:00Z');
const read = (change: Partial<ParsedMail> = {}, envelope = { sender: 'bounces@list.example', recipient: 'in-1@inbound.example' }) => mailOf({ ...parsed, ...change }, envelope, at);
const header = (key: string, value: string) => [...parsed.headers.filter((one) => one.key !== key), { key, value }];

describe('MAIL-3 the author', () => {
  it.each`
    of                                   | mail                                                                                                                       | author
    ${'a mail'}                          | ${{}}                                                                                                                      | ${'ada@customer.example'}
    ${'a mail with another Reply-To'}    | ${{ headers: header('reply-to', 'evil@x.example') }}                                                                       | ${'ada@customer.example'}
    ${'a Gmail auto-forward'}            | ${{ headers: header('x-forwarded-for', 'support@shop.example in-1@inbound.example') }}                                      | ${'ada@customer.example'}
    ${'an Exchange redirect'}            | ${{ headers: header('resent-from', 'support@shop.example') }}                                                              | ${'ada@customer.example'}
    ${'a Google group’s mail'}           | ${{ headers: [...header('x-original-from', 'Eve <eve@customer.example>'), { key: 'x-google-group-id', value: '1' }] }}      | ${'eve@customer.example'}
    ${'somebody who only claims a group'} | ${{ headers: header('x-original-from', 'eve@customer.example') }}                                                          | ${'ada@customer.example'}
    ${'a group in From'}                 | ${{ from: [{ name: 'Team', group: [{ name: 'Bob', address: 'bob@x.example' }] }] }}                                        | ${'bob@x.example'}
    ${'a mail with an empty From'}       | ${{ from: [{ name: 'nobody' }], sender: [{ address: 'sender@x.example' }] }}                                               | ${'sender@x.example'}
    ${'a mail that names nobody'}        | ${{ from: [] }}                                                                                                            | ${'bounces@list.example'}
  `('MAIL-3 $of: $author', ({ mail, author }) => {
    expect(read(mail as Partial<ParsedMail>).author.address).toBe(author);
  });

  it('a mail of nobody at all has none', () => {
    expect(read({ from: [] }, { sender: '', recipient: 'in-1@inbound.example' }).author.address).toBeNull();
  });
});

describe('MAIL-8 what makes two mails the same', () => {
  it('MAIL-8 transport may add headers; id, author, date and content decide', () => {
    const same = read();
    expect(read({ headers: [...parsed.headers, { key: 'received', value: 'by x' }] }).fingerprint).toEqual(same.fingerprint);
    expect(read({}, { sender: 'other@x.example', recipient: 'in-2@inbound.example' }).fingerprint).toEqual(same.fingerprint);
    const others: Partial<ParsedMail>[] = [{ text: 'Ho' }, { html: '<p>Hi</p>' }, { from: [{ address: 'b@x.example' }] }, { headers: header('date', 'Fri, 20 Nov 2026 10:00:01 +0100') }, { headers: header('message-id', '<b@x>') }];
    for (const other of others) expect(read(other).fingerprint).not.toEqual(same.fingerprint);
  });

  it('MAIL-2 a mail without an id gets one from its content, another for other content', () => {
    const headers = parsed.headers.slice(1);
    const [one, again, other] = [read({ headers }), read({ headers }), read({ headers, text: 'Ho' })];
    expect(one.messageId).toMatch(/^[0-9a-f]{40}@no-id\.parley\.invalid$/);
    expect(again.messageId).toBe(one.messageId);
    expect(other.messageId).not.toBe(one.messageId);
    for (const empty of ['', '<>', ' ']) expect(read({ headers: header('message-id', empty) }).messageId).toMatch(/@no-id\.parley\.invalid$/);
  });
});

describe('what can be stored', () => {
  it('NUL and half surrogate pairs are gone', () => {
    expect(storable('a\0b\ud800c')).toBe('ab\ufffdc');
    expect(read({ subject: 'a\0\r\nb' }).subject).toBe('a b');
  });

  it.each(['', 'nonsense', 'Sat, 01 Jan 2399 00:00:00 +0000', 'Thu, 01 Jan 1970 00:00:00 +0000'])('a date such as "%s" is the time of receipt', (date) => {
    expect(read({ headers: header('date', date) }).occurredAt).toBe(at.toISOString());
  });

  it('a date with a comment is read', () => {
    expect(read({ headers: header('date', 'Fri, 20 Nov 2026 10:00:00 +0100 (CET)') }).occurredAt).toBe('2026-11-20T09:00:00.000Z');
  });
});

describe('a first glance', () => {
  it('MAIL-6 shows sender and id of what cannot be parsed', () => {
    const raw = Buffer.from('Received: x\r\nFROM: "Ada, A."\r\n <Ada@Customer.example>\r\nMessage-Id: <a@x>\r\n\r\nFrom: not@this.example');
    expect(glance(raw, 'envelope@x.example')).toEqual({ sender: 'ada@customer.example', messageId: 'a@x' });
    expect(glance(Buffer.from('nonsense'), 'envelope@x.example')).toEqual({ sender: 'envelope@x.example', messageId: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });
});
