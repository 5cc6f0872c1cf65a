import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { channels } from '@parley/contracts/channels';
import { newId } from '@parley/service/ids';
import { rig } from '@parley/service/testing/rig';
import { createTransport } from 'nodemailer';
import { channelsApp } from '../src/channels.app.js';
import { MailboxRepository } from '../src/email/mailbox.repository.js';
import { SmtpListener } from '../src/email/smtp.listener.js';
import { type EmailDesk, emailDesk, fixture } from './email-desk.js';

let desk: EmailDesk;
beforeAll(async () => {
  desk = await emailDesk();
});
afterAll(() => desk.close());

/** A mail of a made-up person, small enough to read. */
const mail = (headers: Record<string, string>, body = 'Hello') =>
  [...Object.entries({ From: 'Ada <ada@customer.example>', To: 'support@parley.example', Date: 'Fri, 20 Nov 2026 10:00:00 +0100', ...headers }).map(([name, value]) => `${name}: ${value}`), '', body].join('\r\n');

describe('at the SMTP door', () => {
  it('MAIL-1 a mail for a generated address is a message of its channel, with the raw bytes kept', async () => {
    const [message] = await desk.receive(fixture('01-plain-new'));
    expect(message).toMatchObject({
      channel: 'email', channelId: desk.channel.id, subject: 'Frage zu Bestellung 1042', name: 'Erika Mustermann', text: 'Hallo,\n\nwo ist meine Bestellung?\n\nGrüße\nErika',
      from: [{ type: 'email', value: 'erika@customer.example', verified: false }], automatic: null, note: null, occurredAt: '2026-11-20T09:00:00.000Z',
    });
    const [raw] = await desk.here.tx((tx) => tx.sql<{ body: Buffer }>('SELECT r.body FROM raw_inbound r JOIN inbound_message m ON m.raw_id = r.id WHERE m.id = $1', [message!.inboundId]));
    expect(raw!.body.equals(fixture('01-plain-new'))).toBe(true);
  });

  it.each(['somebody@inbound.parley.example', 'support@parley.example', 't_aaaaaaaaaaaaaaaaaaaaaaaaaa@inbound.parley.example'])('MAIL-1 %s is nobody here: 550 before the mail is sent', async (address) => {
    await expect(desk.deliver(mail({}), address)).rejects.toMatchObject({ responseCode: 550, command: 'RCPT TO' });
  });

  it('a mail above 25 MiB is refused, not stored', async () => {
    await expect(desk.deliver(Buffer.concat([Buffer.from(mail({})), Buffer.alloc(25 * 1024 * 1024, 'a')]))).rejects.toMatchObject({ responseCode: 552 });
  });

  it('offers neither passwords nor encryption without a key of its own', async () => {
    expect(await greeting(desk.port)).not.toMatch(/AUTH|STARTTLS/);
  });

  it('offers encryption with a key, and takes mail by it', async () => {
    const { key, cert } = selfSigned();
    const other = await rig(channelsApp, { replicaOf: desk.here, env: { PARLEY_SMTP_TLS_KEY: key, PARLEY_SMTP_TLS_CERT: cert } });
    try {
      const { port } = other.app.get(SmtpListener);
      expect(await greeting(port)).toMatch(/STARTTLS/);
      const transport = createTransport({ host: '127.0.0.1', port, requireTLS: true, tls: { ca: cert, servername: 'localhost' } });
      const { accepted } = await transport.sendMail({ envelope: { from: 'a@customer.example', to: desk.channel.forwardingAddress! }, raw: mail({ 'Message-ID': '<tls@customer.example>' }) });
      transport.close();
      expect(accepted).toHaveLength(1);
      await desk.settled();
    } finally {
      await other.close();
    }
  });

  it('MAIL-1 two recipients of one mailbox are one mail, two mailboxes are one message and a duplicate (MAIL-8)', async () => {
    const other = await desk.connect('shop@parley.example');
    const before = (await desk.received()).length;
    const [local, domain] = desk.channel.forwardingAddress!.split('@');
    await desk.deliver(mail({ 'Message-ID': '<two@customer.example>' }), [desk.channel.forwardingAddress!, `${local}+x@${domain}`, other.forwardingAddress!]);
    await desk.settled();
    expect((await desk.received()).length).toBe(before + 1);
    expect((await desk.setAside()).filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(1);
  });
});

describe('kept before it is answered', () => {
  it('451 where it cannot be stored; the same mail is taken when it comes again', async () => {
    const again = mail({ 'Message-ID': '<again@customer.example>' }, 'Again');
    await desk.here.db.query('ALTER TABLE raw_inbound RENAME TO raw_inbound_away');
    try {
      await expect(desk.deliver(again)).rejects.toMatchObject({ responseCode: 451 });
    } finally {
      await desk.here.db.query('ALTER TABLE raw_inbound_away RENAME TO raw_inbound');
    }
    expect(await desk.receive(again)).toMatchObject([{ text: 'Again' }]);
  });

  it('MAIL-6 a mail whose reading was begun three times and never ended is quarantined, in a ticket that says so', async () => {
    await desk.here.db.query('ALTER TABLE mail_waiting ALTER starts SET DEFAULT 3');
    try {
      const [message] = await desk.receive(mail({ 'Message-ID': '<crashes@customer.example>' }, 'Deadly'));
      expect(message).toMatchObject({ subject: 'A mail that could not be read', text: '', from: [{ value: 'ada@customer.example' }], note: expect.stringContaining('3 attempts') });
    } finally {
      await desk.here.db.query('ALTER TABLE mail_waiting ALTER starts SET DEFAULT 0');
    }
  });

  it('MAIL-6 what a killed replica had begun is read by another', async () => {
    await desk.here.db.query(`ALTER TABLE mail_waiting ALTER lease SET DEFAULT gen_random_uuid(), ALTER lease_until SET DEFAULT now() + interval '1 second', ALTER starts SET DEFAULT 1`);
    try {
      expect(await desk.receive(mail({ 'Message-ID': '<orphan@customer.example>' }, 'Orphan'))).toMatchObject([{ text: 'Orphan', note: null }]);
    } finally {
      await desk.here.db.query('ALTER TABLE mail_waiting ALTER lease DROP DEFAULT, ALTER lease_until DROP DEFAULT, ALTER starts SET DEFAULT 0');
    }
  });

  it('who was frozen while another took over files nothing', async () => {
    const mailbox = desk.here.app.get(MailboxRepository);
    const waiting = { rawId: newId(), account: desk.here.account, channelId: desk.channel.id, starts: 1 };
    const [frozen, awake] = [newId(), newId()];
    await desk.here.db.query(
      `INSERT INTO mail_waiting (raw_id, account_id, channel_id, lane, starts, lease, lease_until) VALUES ($1, $2, $3, '\\x00', 2, $4, now() + interval '1 hour')`, [waiting.rawId, waiting.account, waiting.channelId, awake]);
    expect(await desk.here.tx((tx) => mailbox.finish(tx, { ...waiting, lease: frozen }))).toBe(false);
    expect(await desk.here.tx((tx) => mailbox.finish(tx, { ...waiting, lease: awake }))).toBe(true);
  });

  it('two replicas share the mail: each once, each sender in order', async () => {
    const other = await rig(channelsApp, { replicaOf: desk.here });
    try {
      const before = (await desk.received()).length;
      const people = ['ann', 'bea', 'cem', 'dan', 'eve', 'fay'];
      await Promise.all(people.map(async (name) => {
        for (let n = 0; n < 6; n++) await desk.deliver(mail({ From: `${name}@customer.example`, 'Message-ID': `<${name}-${n}@customer.example>`, References: `<${name}@customer.example>` }, `${n}`));
      }));
      await desk.settled();
      const messages = (await desk.received()).slice(before);
      expect(messages).toHaveLength(36);
      for (const name of people) {
        const texts = messages.filter(({ from }) => from[0]!.value.startsWith(name)).sort((a, b) => a.conversationSeq - b.conversationSeq).map(({ text }) => text);
        expect(texts).toEqual(['0', '1', '2', '3', '4', '5']);
      }
    } finally {
      await other.close();
    }
  });
});

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
    ['MAIL-5', '30-winmail-tnef', { text: 'Attached.', attachments: [{ name: 'winmail.dat' }] }],
    ['MAIL-5', '09-quote-de-nested', { text: expect.stringMatching(/^Ja, bitte stornieren\.[^]*wo ist meine Bestellung\?$/) }],
    ['MAIL-5', '11-quote-sv-outlook', { text: expect.stringContaining('prova igen nu.') }],
  ];
  it.each(CONTENT)('%s %s', async (_rule, name, shows) => {
    const [message] = await desk.receive(fixture(name));
    expect(message).toMatchObject(shows);
  });

  it('MAIL-5 text whose charset is missing or lies is strict UTF-8, else windows-1252', async () => {
    const [message] = await desk.receive(Buffer.from(mail({ 'Message-ID': '<w@customer.example>', 'Content-Type': 'text/plain; charset=no-such-thing' }, 'Gr\xfc\xdfe, 10 \x80'), 'latin1'));
    expect(message!.text).toBe('Grüße, 10 €');
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

describe('in the end', () => {
  it('OPS-6 the books count mail that waits as pending, and every mail of the mailbox in the end', async () => {
    const books = () => desk.here.ask(channels.books, { channelId: desk.channel.id, day: new Date().toISOString().slice(0, 10) });
    await desk.here.tx((tx) => tx.sql(`UPDATE inbound_message SET outcome = 'thread'`));
    expect(await books()).toMatchObject({ inbound: { pending: 0 }, balanced: true });
    await desk.here.db.query(`ALTER TABLE mail_waiting ALTER lease_until SET DEFAULT now() + interval '1 hour'`);
    try {
      await desk.deliver(mail({ 'Message-ID': '<booked@customer.example>' }));
    } finally {
      await desk.here.db.query('ALTER TABLE mail_waiting ALTER lease_until DROP DEFAULT');
    }
    expect(await books()).toMatchObject({ inbound: { pending: 1 }, balanced: false });
    await desk.here.db.query('UPDATE mail_waiting SET lease_until = NULL');
    await desk.settled();
    await desk.here.tx((tx) => tx.sql(`UPDATE inbound_message SET outcome = 'thread'`));
    expect(await books()).toMatchObject({ inbound: { pending: 0 }, balanced: true });
  });
});

/** What the door says of itself. */
function greeting(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect(port, '127.0.0.1').on('error', reject).on('close', () => resolve(heard));
    socket.on('data', (data) => {
      heard += data.toString();
      if (heard.startsWith('220 ') && !heard.includes('\n250')) socket.write('EHLO customer.example\r\n');
      if (/^250 /m.test(heard) && socket.writable) socket.end('QUIT\r\n');
    });
  });
}

/** A key and a certificate for this test alone. */
function selfSigned() {
  const folder = mkdtempSync(join(tmpdir(), 'parley-smtp-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '1', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
