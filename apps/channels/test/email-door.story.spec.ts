import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecurely, type PeerCertificate } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { channels } from '@parley/contracts/channels';
import { newId } from '@parley/service/ids';
import { noonAt } from '@parley/service/testing/noon';
import { rig } from '@parley/service/testing/rig';
import { createTransport } from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { channelsApp } from '../src/channels.app.js';
import { MailboxRepository } from '../src/email/mailbox.repository.js';
import { SmtpListener } from '../src/email/smtp.listener.js';
import { type EmailDesk, emailDesk, fixture, mail } from './email-desk.js';

let desk: EmailDesk;
beforeAll(async () => {
  desk = await emailDesk();
});
afterAll(() => desk.close());

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

  it('MAIL-1 offers no passwords, and encryption with a key of its own', async () => {
    expect(await greeting(desk.port)).toMatch(/STARTTLS/);
    expect(await greeting(desk.port)).not.toMatch(/AUTH/);
    const [mine, again] = [await certificateAt(desk.port), await certificateAt(desk.port)];
    expect(mine.subject.CN).toBe('inbound.parley.example');
    expect(again.fingerprint256).toBe(mine.fingerprint256);
    // What the package would show, with the private key that it publishes.
    const bare = new SMTPServer({ logger: false });
    await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
    const known = await certificateAt((bare.server.address() as AddressInfo).port);
    await new Promise<void>((resolve) => bare.close(resolve));
    expect(mine.pubkey!.equals(known.pubkey!)).toBe(false);
  });

  it('MAIL-1 offers encryption with a configured key, and takes mail by it', async () => {
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

describe('in the end', () => {
  it('OPS-6 the books count mail that waits as pending, and every mail of the mailbox in the end', async () => {
    const books = () => desk.here.ask(channels.books, { channelId: desk.channel.id, ...noonAt(new Date()) });
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

/** Whose key is shown after STARTTLS. */
async function certificateAt(port: number): Promise<PeerCertificate> {
  const socket = connect(port, '127.0.0.1');
  const said = (wanted: RegExp) => new Promise<void>((resolve) => {
    let heard = '';
    const hear = (data: Buffer) => {
      heard += data.toString();
      if (!wanted.test(heard)) return;
      socket.off('data', hear);
      resolve();
    };
    socket.on('data', hear);
  });
  await said(/^220 /m);
  socket.write('EHLO customer.example\r\n');
  await said(/^250 /m);
  socket.write('STARTTLS\r\n');
  await said(/^220 /m);
  const secure = connectSecurely({ socket, rejectUnauthorized: false });
  await new Promise((resolve) => secure.once('secureConnect', resolve));
  const certificate = secure.getPeerCertificate();
  secure.destroy();
  return certificate;
}

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
