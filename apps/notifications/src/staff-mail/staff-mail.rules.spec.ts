import { describe, expect, it } from '@jest/globals';
import { SETTINGS } from '@parley/contracts/settings';
import type { Brand } from '../follow-up/follow-up-mail.rules.js';
import { isForAll, newsOf, staffMail, type News, type StaffMail } from './staff-mail.rules.js';

const brand: Brand = { name: 'Nordwind', senderEmail: 'help@shop.example', logoUrl: null, brandColor: null, accentColor: null, privacyUrl: null, termsUrl: null, version: 1 };
const ticket = { id: 't', number: 7, channel: 'sms', subject: null, profile: { id: 'p', name: 'Kim' }, preview: 'Hello', spam: false };
const message = { id: 'm', text: 'Hello', newText: null, keyword: null, automatic: null };

describe('news for staff', () => {
  it.each<{ type: string; data: Record<string, unknown>; kind: string | undefined }>`
    what                            | type                     | data                                                         | kind
    ${'a new ticket'}               | ${'ticket.created'}      | ${ticket}                                                    | ${'ticket'}
    ${'a new ticket that is spam'}  | ${'ticket.created'}      | ${{ ...ticket, spam: true }}                                 | ${undefined}
    ${'spam that is none'}          | ${'ticket.spam_changed'} | ${ticket}                                                    | ${'restored'}
    ${'what was found to be spam'}  | ${'ticket.spam_changed'} | ${{ ...ticket, spam: true }}                                 | ${undefined}
    ${'a message'}                  | ${'message.received'}    | ${{ message, ticket }}                                       | ${'message'}
    ${'a message in spam'}          | ${'message.received'}    | ${{ message, ticket: { ...ticket, spam: true } }}            | ${undefined}
    ${'STOP'}                       | ${'message.received'}    | ${{ message: { ...message, keyword: 'stop' }, ticket }}      | ${undefined}
    ${'an automatic answer'}        | ${'message.received'}    | ${{ message: { ...message, automatic: 'auto_reply' }, ticket }} | ${undefined}
    ${'an answer of ours'}          | ${'message.sent'}        | ${{ message, ticket }}                                       | ${undefined}
    ${'a note without mentions'}    | ${'note.added'}          | ${{ note: { id: 'n', author: { id: 'a' }, mentions: [] }, ticket }}      | ${undefined}
    ${'a note to oneself'}          | ${'note.added'}          | ${{ note: { id: 'n', author: { id: 'a' }, mentions: ['a'] }, ticket }}   | ${undefined}
    ${'a note that names somebody'} | ${'note.added'}          | ${{ note: { id: 'n', author: { id: 'a' }, mentions: ['a', 'b'] }, ticket }} | ${'mention'}
  `('NTF-1 TKT-20 $what: $kind', ({ type, data, kind }) => {
    expect(newsOf({ type, data })?.kind).toBe(kind);
  });

  it.each<{ notifyOn: string; ticket: boolean; message: boolean; restored: boolean }>`
    notifyOn           | ticket   | message  | restored
    ${'nothing'}       | ${false} | ${false} | ${false}
    ${'new_tickets'}   | ${true}  | ${false} | ${true}
    ${'every_message'} | ${false} | ${true}  | ${true}
  `('NTF-1 notify on $notifyOn: ticket $ticket, message $message, restored $restored, mentions never to all', ({ notifyOn, ...rest }) => {
    const wanted: Partial<Record<News['kind'], boolean>> = rest;
    const settings = SETTINGS.notifications.parse({ notifyOn, recipients: ['desk@shop.example'] });
    for (const kind of ['ticket', 'message', 'restored', 'mention'] as const) expect([kind, isForAll({ kind } as News, settings)]).toEqual([kind, wanted[kind] ?? false]);
  });
});

describe('a mail to staff', () => {
  const request: StaffMail = { news: 'ticket', number: 7, channel: 'email', subject: 'My <b>order</b>', who: 'Kim\r\nBcc: eve@evil.example', text: 'Where <script>is</script> it?\nKim', from: null, personId: null };

  it('NTF-1 says who, what and where, is marked as automatic, and text of customers is text', () => {
    const mail = staffMail({ id: '1', recipient: 'desk@shop.example', request }, brand)!;
    expect(mail).toMatchObject({ subject: 'New ticket #7 from Kim Bcc: eve@evil.example', to: { address: 'desk@shop.example' }, from: { name: 'Nordwind', address: 'help@shop.example' }, messageId: '<staff.1@shop.example>', headers: { 'Auto-Submitted': 'auto-generated' } });
    expect(mail.text).toContain('Where <script>is</script> it?\nKim');
    expect(mail.html).toContain('Where &lt;script&gt;is&lt;/script&gt; it?<br>Kim');
    expect(mail.html).toContain('My &lt;b&gt;order&lt;/b&gt;');
  });

  it('NTF-1 is written from the address of the settings, else of the account, else not at all', () => {
    const from = (chosen: string | null, senderEmail: string | null) => staffMail({ id: '1', recipient: 'desk@shop.example', request: { ...request, from: chosen } }, { ...brand, senderEmail })?.from.address;
    expect([from('inbox@shop.example', 'help@shop.example'), from(null, 'help@shop.example'), from(null, null)]).toEqual(['inbox@shop.example', 'help@shop.example', undefined]);
  });
});
