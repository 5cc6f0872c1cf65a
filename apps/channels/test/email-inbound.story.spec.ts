import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accessEvents } from '@parley/contracts/access';
import { newId } from '@parley/service/ids';
import { type EmailDesk, emailDesk, fixture, mail } from './email-desk.js';

let desk: EmailDesk;
beforeAll(async () => {
  desk = await emailDesk();
});
afterAll(() => desk.close());

describe('threads', () => {
  it('MAIL-2 an answer is told by In-Reply-To, by our header, by the token, by References; never by the subject', async () => {
    const [first] = await desk.receive(fixture('01-plain-new').toString().replace('mail-1@', 'thread-1@'));
    const sent = await desk.answer(first!);
    const ours = sent.header('Message-ID').slice(1, -1);
    const token = /\+(t_[a-z2-7]{26})@/.exec(sent.header('Reply-To'))![1]!;
    const own = sent.header('X-Parley-Thread');

    const [byReply] = await desk.receive(fixture('03-reply-threaded').toString().replaceAll('parley.1042.7.k3v9@mail.parley.example', ours));
    const [byToken] = await desk.receive(fixture('04-reply-token-other-sender').toString().replace('t_8f14e45fceea167a5a36dedd4bea2543', token));
    const [byHeader] = await desk.receive(mail({ 'Message-ID': '<h@customer.example>', 'X-Parley-Thread': own }));
    const [byReferences] = await desk.receive(mail({ 'Message-ID': '<r@customer.example>', 'In-Reply-To': '<unknown@x.example>', References: `<thread-1@customer.example> <other@x.example>` }));
    const [bySubject] = await desk.receive(fixture('06-same-subject-other-thread'));

    expect([byReply, byToken, byHeader, byReferences].map((message) => message?.threadId)).toEqual(Array(4).fill(first!.threadId));
    expect(bySubject!.threadId).not.toBe(first!.threadId);
    expect(byToken).toMatchObject({ from: [{ value: 'max@elsewhere.example' }], note: expect.stringContaining('Other sender') });
    expect(byReply!.note).toBeNull();
    expect(byReply!.conversationKey).toBe(first!.conversationKey);
  });

  it('MAIL-2 a mail to the token alone finds mailbox and thread', async () => {
    const [first] = await desk.receive(mail({ 'Message-ID': '<alone@customer.example>' }));
    const token = /\+(t_[a-z2-7]{26})@/.exec((await desk.answer(first!)).header('Reply-To'))![1]!;
    await desk.deliver(mail({ 'Message-ID': '<alone-2@customer.example>', To: 'undisclosed-recipients:;' }), `${token.toUpperCase()}@inbound.parley.example`);
    await desk.settled();
    expect((await desk.received()).at(-1)!.threadId).toBe(first!.threadId);
  });

  it('MAIL-2 what is forged is ignored, and the search goes on', async () => {
    const [first] = await desk.receive(mail({ 'Message-ID': '<forged@customer.example>' }));
    const [other] = await desk.receive(mail({ 'Message-ID': '<other@customer.example>' }));
    const [found] = await desk.receive(mail({
      'Message-ID': '<forger@customer.example>', To: 'support+t_bbbbbbbbbbbbbbbbbbbbbbbbbb@parley.example', 'X-Parley-Thread': `${other!.threadId}.aaaaaaaaaaaaaaaaaaaaaaaaaa`,
      'In-Reply-To': '<parley.0193.aaaaaaaaaaaaaaaaaaaaaaaaaa@inbound.parley.example>', References: '<> <forged@customer.example>',
    }));
    expect(found!.threadId).toBe(first!.threadId);
  });

  it('MAIL-2 two mails of one new thread in the wrong order, or at the same moment, end in one thread', async () => {
    const answer = mail({ From: 'Bob <bob@customer.example>', 'Message-ID': '<early-2@customer.example>', 'In-Reply-To': '<early-1@customer.example>' }, 'In copy');
    const question = mail({ 'Message-ID': '<early-1@customer.example>' }, 'The question');
    const [second, first] = await desk.receive(answer, question);
    expect(first!.threadId).toBe(second!.threadId);

    const crowd = Array.from({ length: 12 }, (_, n) => mail({ From: `p${n}@customer.example`, 'Message-ID': `<crowd-${n}@customer.example>`, References: '<crowd-root@customer.example>' }, `${n}`));
    const before = (await desk.received()).length;
    await Promise.all(crowd.map((one) => desk.deliver(one)));
    await desk.settled();
    const threads = (await desk.received()).slice(before).map(({ threadId }) => threadId);
    expect(threads).toHaveLength(12);
    expect(new Set(threads).size).toBe(1);
  });

  it('mails of one sender that wait together are read in the order in which they came', async () => {
    const before = (await desk.received()).length;
    const all = Array.from({ length: 16 }, (_, n) => mail({ 'Message-ID': `<row-${n}@customer.example>`, References: '<row-root@customer.example>' }, `number ${n}`));
    await desk.here.db.query(`ALTER TABLE mail_waiting ALTER lease_until SET DEFAULT now() + interval '1 hour'`);
    try {
      for (const one of all) await desk.deliver(one);
    } finally {
      await desk.here.db.query('ALTER TABLE mail_waiting ALTER lease_until DROP DEFAULT');
    }
    await desk.here.db.query('UPDATE mail_waiting SET lease_until = NULL');
    await desk.settled();
    const texts = (await desk.received()).slice(before).sort((a, b) => a.conversationSeq - b.conversationSeq).map(({ text }) => text);
    expect(texts).toEqual(all.map((_, n) => `number ${n}`));
  });
});

describe('once', () => {
  it('MAIL-8 the same mail again is one message; another under its Message-ID is kept and flagged', async () => {
    const [first, ...none] = await desk.receive(mail({ 'Message-ID': '<same@customer.example>' }, 'One'), mail({ 'Message-ID': '<same@customer.example>', Received: 'by another way' }, 'One'));
    expect(none).toEqual([]);
    const [other] = await desk.receive(mail({ 'Message-ID': '<same@customer.example>' }, 'Two'));
    expect(other).toMatchObject({ text: 'Two', note: expect.stringContaining('same Message-ID') });
    expect(other!.threadId).not.toBe(first!.threadId);
  });

  it('MAIL-2 MAIL-8 a mail without Message-ID is never dropped, once when sent again, and the empty id is nobody’s', async () => {
    const [first, ...none] = await desk.receive(fixture('07-missing-message-id'), fixture('07-missing-message-id'));
    expect(none).toEqual([]);
    const [other] = await desk.receive(mail({ 'In-Reply-To': '<>', References: '' }, 'Also without'));
    expect(other!.threadId).not.toBe(first!.threadId);
  });
});

describe('what no person wrote', () => {
  it('MAIL-4 an automatic reply joins its thread as such, and opens nothing without one', async () => {
    const [first] = await desk.receive(mail({ 'Message-ID': '<auto@customer.example>' }));
    const ours = (await desk.answer(first!)).header('Message-ID').slice(1, -1);
    const [reply] = await desk.receive(fixture('14-auto-reply-gmail-vacation').toString().replace('parley.1042.7.k3v9@mail.parley.example', ours));
    expect(reply).toMatchObject({ automatic: 'auto_reply', threadId: first!.threadId });
    expect(await desk.receive(fixture('14-auto-reply-gmail-vacation').toString().replace('mail-14@', 'mail-14b@'))).toEqual([]);
    expect((await desk.setAside()).at(-1)).toEqual({ outcome: 'quarantined', reason: 'an automatic reply to nothing we know' });
  });

  it('MAIL-4 list mail is bulk', async () => {
    const [message] = await desk.receive(fixture('28-mailing-list'));
    expect(message).toMatchObject({ automatic: 'bulk', from: [{ value: 'news@list.example' }] });
  });

  it('MAIL-4 TKT-8 a bounce fails the message it is about, with the provider’s reason, and opens nothing', async () => {
    const [first] = await desk.receive(mail({ 'Message-ID': '<bounce@customer.example>' }));
    const sent = await desk.answer(first!);
    await desk.here.until(async () => (await desk.states(sent.id)).length > 0, 'the answer to be sent');
    const bounce = fixture('15-bounce-dsn-hard').toString().replace('parley.1042.7.k3v9@mail.parley.example', sent.header('Message-ID').slice(1, -1));
    expect(await desk.receive(bounce)).toEqual([]);
    expect((await desk.states(sent.id)).at(-1)).toMatchObject({ state: 'failed', ticketId: sent.ticketId, failure: { code: '5.1.1', reason: '550 5.1.1 User unknown' } });
  });

  it('MAIL-4 TKT-8 a read receipt moves the message to read', async () => {
    const [first] = await desk.receive(mail({ 'Message-ID': '<receipt@customer.example>' }));
    const sent = await desk.answer(first!);
    await desk.here.until(async () => (await desk.states(sent.id)).length > 0, 'the answer to be sent');
    expect(await desk.receive(fixture('32-mdn-read-receipt').toString().replace('parley.1042.7.k3v9@mail.parley.example', sent.header('Message-ID').slice(1, -1)))).toEqual([]);
    expect((await desk.states(sent.id)).at(-1)).toMatchObject({ state: 'read' });
  });

  it('MAIL-4 a mail that is only late, and a receipt of one that was not read, change nothing and are no case for anybody', async () => {
    const [first] = await desk.receive(mail({ 'Message-ID': '<late@customer.example>' }));
    const sent = await desk.answer(first!);
    await desk.here.until(async () => (await desk.states(sent.id)).length > 0, 'the answer to be sent');
    const before = await desk.setAside();
    const report = (name: string) => fixture(name).toString().replace('parley.1042.7.k3v9@mail.parley.example', sent.header('Message-ID').slice(1, -1));
    expect(await desk.receive(report('15-bounce-dsn-hard').replace(/Action: failed/i, 'Action: delayed'), report('32-mdn-read-receipt').replaceAll(/displayed/gi, 'deleted'))).toEqual([]);
    expect(await desk.states(sent.id)).toMatchObject([{ state: 'sent' }]);
    expect(await desk.setAside()).toEqual(before);
  });

  it('MAIL-4 a bounce of a message that is not ours changes nothing and stands in the books', async () => {
    expect(await desk.receive(fixture('15-bounce-dsn-hard'))).toEqual([]);
    expect((await desk.setAside()).at(-1)).toMatchObject({ outcome: 'quarantined' });
  });

  it('MAIL-4 our own mail that came back is a duplicate', async () => {
    const [first] = await desk.receive(mail({ 'Message-ID': '<back@customer.example>' }));
    expect(await desk.receive((await desk.answer(first!)).raw)).toEqual([]);
    expect((await desk.setAside()).at(-1)).toEqual({ outcome: 'duplicate', reason: 'our own mail came back' });
  });

  it('TKT-1 OPS-6 a set-up mail opens nothing', async () => {
    expect(await desk.receive(fixture('19-gmail-forwarding-confirmation'))).toEqual([]);
    expect((await desk.setAside()).at(-1)).toMatchObject({ outcome: 'quarantined', reason: expect.stringContaining('set-up') });
  });
});

describe('forwarded by hand', () => {
  const forwarded = '\r\n---------- Forwarded message ---------\r\nVon: Erika Mustermann <erika@customer.example>\r\nDate: Fr., 20. Nov. 2026\r\nSubject: Wo ist sie?\r\nTo: <help@parley.example>\r\n\r\nMeine Bestellung fehlt.';
  const colleague = { role: 'support' as const, availability: 'online' as const, createdAt: '2026-11-20T12:00:00.000Z', version: 1, name: 'Anna', email: 'Anna@Parley.example', id: newId() };
  const anna = (id: string, more: Record<string, string> = {}, words = 'Please be quick.') => mail({ From: 'Anna <anna@parley.example>', 'Message-ID': `<${id}@parley.example>`, Subject: 'Fwd: Wo ist sie?', ...more }, `${words}\r\n${forwarded}`);

  it('MAIL-3 TKT-12 by one of the brand’s people: the customer is who wrote it, and the words above it are a note', async () => {
    await desk.here.say(accessEvents.userCreated, { key: colleague.id, data: { ...colleague, active: true } });
    await desk.here.heard();
    const [message] = await desk.receive(anna('fwd-1'));
    expect(message).toMatchObject({
      from: [{ value: 'erika@customer.example' }], name: 'Erika Mustermann', subject: 'Wo ist sie?', text: 'Meine Bestellung fehlt.', newText: null, html: null, automatic: null,
      note: 'Forwarded by anna@parley.example, who wrote: Please be quick.',
    });
    const answer = await desk.answer(message!);
    expect(answer.to).toEqual(['erika@customer.example']);
  });

  it('MAIL-3 by a rule of the brand’s own mailbox, though it is marked as automatic', async () => {
    const [message] = await desk.receive(anna('fwd-2', { From: 'support@parley.example', 'Auto-Submitted': 'auto-generated', 'X-MS-Exchange-Inbox-Rules-Loop': 'support@parley.example' }, ''));
    expect(message).toMatchObject({ from: [{ value: 'erika@customer.example' }], automatic: null, note: 'Forwarded by support@parley.example.' });
  });

  it('MAIL-3 by a stranger, or by whoever has left: it is their own word', async () => {
    const [stranger] = await desk.receive(anna('fwd-3', { From: 'Eve <eve@elsewhere.example>' }));
    expect(stranger).toMatchObject({ from: [{ value: 'eve@elsewhere.example' }], text: expect.stringContaining('Please be quick.'), newText: null });
    await desk.here.say(accessEvents.userUpdated, { key: colleague.id, data: { ...colleague, active: false } });
    await desk.here.heard();
    const [left] = await desk.receive(anna('fwd-4'));
    expect(left).toMatchObject({ from: [{ value: 'anna@parley.example' }] });
  });

  it('MAIL-3 by a redirect or a Gmail filter: From is the customer still', async () => {
    const [message] = await desk.receive(mail({ From: 'Erika <erika@customer.example>', 'Message-ID': '<resent@customer.example>', 'Resent-From': 'anna@parley.example', 'Resent-To': 'help@parley.example' }, 'Hi'));
    expect(message).toMatchObject({ from: [{ value: 'erika@customer.example' }], text: 'Hi' });
  });
});

describe('what is in them', () => {
  const CONTENT: [rule: string, name: string, shows: object][] = [
    ['MAIL-3', '17-forwarded-gmail-auto', { from: [{ value: 'erika@customer.example' }], text: 'Automatisch weitergeleitet.' }],
    ['MAIL-1', '31-no-to-undisclosed', { text: 'You were in Bcc.' }],
    ['MAIL-5', '02-html-only', { text: 'Hi,\nI need a refund & a new\u00a0size.\n\n * Order 1042', html: expect.stringContaining('<b>refund</b>') }],
    ['MAIL-5', '20-cid-inline-image', { text: expect.stringContaining('See:'), attachments: [{ name: 'logo.png', contentType: 'image/png', sizeBytes: 70, inline: true }] }],
    ['MAIL-5', '21-iso-8859-1-qp', { subject: 'Rücksendung für Bestellung 1042', name: 'Jörg Müller', text: 'Grüße aus Köln, Preis: 10\u00a0€ äöü fortgesetzt' }],
    ['MAIL-5', '23-utf7-hidden-script', { text: 'Hello' }],
    ['MAIL-5', '25-attachment-10mb-header', { attachments: [{ name: 'photos.zip', sizeBytes: 10 }] }],
    ['MAIL-5', '34-eai-address', { from: [{ value: '用户@例子.example' }], subject: 'SMTPUTF8 地址', text: '你好' }],
    ['MAIL-5', '37-calendar-invite', { text: 'Termin', attachments: [{ contentType: 'text/calendar' }] }],
    ['MAIL-5', '30-winmail-tnef', { text: 'Attached.', newText: null, attachments: [{ name: 'hello.txt', sizeBytes: 17 }] }],
    ['MAIL-5', '09-quote-de-nested', { newText: 'Ja, bitte stornieren.', text: expect.stringMatching(/^Ja, bitte stornieren\.[^]*wo ist meine Bestellung\?$/) }],
    ['MAIL-5', '11-quote-sv-outlook', { newText: 'Tack, nu fungerar det!\n\nHälsningar\nÅsa', text: expect.stringContaining('prova igen nu.') }],
  ];
  it.each(CONTENT)('%s %s', async (_rule, name, shows) => {
    const [message] = await desk.receive(fixture(name));
    expect(message).toMatchObject(shows);
  });

  it('MAIL-5 text whose charset is missing or lies is strict UTF-8, else windows-1252', async () => {
    const [message] = await desk.receive(Buffer.from(mail({ 'Message-ID': '<w@customer.example>', 'Content-Type': 'text/plain; charset=no-such-thing' }, 'Gr\xfc\xdfe, 10 \x80'), 'latin1'));
    expect(message!.text).toBe('Grüße, 10 €');
  });

  const HTML: [program: string, html: string, text: RegExp | string, newText: string | null][] = [
    ['Gmail', '<div>Yes.</div><div class="gmail_quote gmail_quote_container"><div class="gmail_attr">Le ven. 20 nov. 2026 à 10:00, Shop a écrit :</div><blockquote class="gmail_quote">Old</blockquote></div>', /Old/, 'Yes.'],
    ['Outlook', '<div>Yes.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Från:</b> Shop<br><b>Skickat:</b> idag<br></div><div>Old</div>', /Old/, 'Yes.'],
    ['Outlook for Windows', '<p>Yes.</p><div style="border-top:solid #E1E1E1"><p><b>Van:</b> Shop<br><b>Verzonden:</b> vandaag<br><b>Aan:</b> Erika<br><b>Onderwerp:</b> x</p></div><p>Old</p>', /Old/, 'Yes.'],
    ['Apple Mail', '<div>Yes.<br><blockquote type="cite">El 20/11/2026, a las 10:00, Shop escribió:<br>Old</blockquote></div>', /Old/, 'Yes.'],
    ['Thunderbird', '<p>Yes.</p><div class="moz-cite-prefix">Em 20/11/2026 10:00, Shop escreveu:<br></div><blockquote type="cite">Old</blockquote><div class="moz-signature">Erika</div>', /Old/, 'Yes.'],
    ['an answer below', '<blockquote type="cite">Old</blockquote><p>Yes.</p>', /Old/, 'Yes.'],
    ['no history', '<p>Yes.</p>', 'Yes.', null],
  ];
  it.each(HTML)('MAIL-5 HTML alone, by %s', async (program, html, text, newText) => {
    const [message] = await desk.receive(mail({ 'Message-ID': `<html-${HTML.findIndex(([name]) => name === program)}@customer.example>`, 'Content-Type': 'text/html; charset=utf-8' }, `<html><body>${html}</body></html>`));
    expect(message).toMatchObject({ text: expect.stringMatching(text), newText, html: expect.stringContaining(html) });
  });

  it('MAIL-6 what breaks a limit opens a ticket that says so, and the next mail is read', async () => {
    const nested = (depth: number): string => (depth === 0 ? 'Content-Type: text/plain\r\n\r\ninnermost' : `Content-Type: multipart/mixed; boundary="b${depth}"\r\n\r\n--b${depth}\r\n${nested(depth - 1)}\r\n--b${depth}--`);
    const bomb = mail({ 'Message-ID': '<bomb@customer.example>' }).replace('\r\n\r\nHello', `\r\n${nested(15)}`);
    const [unread, next] = await desk.receive(bomb, mail({ 'Message-ID': '<after-bomb@customer.example>' }, 'Fine'));
    expect(unread).toMatchObject({ from: [{ value: 'ada@customer.example' }], note: expect.stringContaining('nested deeper than 10'), subject: 'A mail that could not be read' });
    expect(next).toMatchObject({ text: 'Fine' });
  });

  it('a header cannot carry line breaks or hidden directions into the desk', async () => {
    const [message] = await desk.receive(mail({ 'Message-ID': '<crlf@customer.example>', Subject: '=?utf-8?Q?one=0D=0ABcc:_x=40y.example_=E2=80=AEtwo?=' }));
    expect(message!.subject).toBe('one Bcc: x@y.example two');
  });
});
