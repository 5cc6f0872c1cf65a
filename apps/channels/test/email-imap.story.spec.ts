import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { channelHealth } from '@parley/contracts/channel-health';
import { type Channel, channels } from '@parley/contracts/channels';
import { ImapServer } from '@parley/service/testing/imap-server';
import { rig } from '@parley/service/testing/rig';
import { channelsApp } from '../src/channels.app.js';
import { type EmailDesk, emailDesk, mail } from './email-desk.js';

const ENV = { PARLEY_IMAP_POLL_SECONDS: '2', PARLEY_EGRESS_ALLOW_CIDRS: '127.0.0.0/8,::1/128' };
const LOGIN = { user: 'support@parley.example', password: 'test-only-not-a-secret', accessToken: 'test-only-token' };
let desk: EmailDesk;
let server: ImapServer;
const servers: ImapServer[] = [];
let n = 0;
beforeAll(async () => {
  desk = await emailDesk(ENV);
});
afterAll(async () => {
  await desk?.close();
  for (const one of servers) await one.close();
});

/** A mail server of its own. It stays until the end: nobody else gets its port, where the mailboxes of other tests are looked for still. */
async function start() {
  server = await new ImapServer(LOGIN).start();
  servers.push(server);
}

/** A mailbox of its own for a test, connected. */
async function connect(auth: object = { password: LOGIN.password }): Promise<Channel> {
  await start();
  return connectTo(auth);
}
function connectTo(auth: object, mailbox = 'INBOX') {
  return desk.here.ask(channels.create, {
    type: 'email', name: 'IMAP', settings: { address: `imap${n++}@parley.example` },
    credentials: { imap: { host: '127.0.0.1', port: server.port, security: 'none', user: LOGIN.user, auth: auth as { password: string }, mailbox } },
  });
}
const letter = (id: string, text = id) => mail({ 'Message-ID': `<${id}@customer.example>` }, text);
const texts = async (channel: Channel) => (await desk.received()).filter(({ channelId }) => channelId === channel.id).map(({ text }) => text).sort();
const arrived = (channel: Channel, ...wanted: string[]) => desk.here.until(async () => {
  await desk.settled();
  return JSON.stringify(await texts(channel)) === JSON.stringify(wanted.sort());
}, `${wanted.join(', ')} to arrive`);
const health = (channel: Channel) => desk.here.ask(channelHealth.get, { id: channel.id });
const becomes = (channel: Channel, state: string) => desk.here.until(async () => (await health(channel)).state === state, `the channel to be ${state}`);

describe('a mailbox that is read over IMAP', () => {
  it('MAIL-1 what lies there and what comes is read once, the rest is left as it is', async () => {
    await start();
    server.deliver(letter('years-ago'), new Date(Date.now() - 3_600_000));
    server.deliver(letter('just-now'));
    const channel = await connectTo({ password: LOGIN.password });
    await arrived(channel, 'just-now');
    await desk.here.until(() => server.idle === 1, 'the reader to wait');
    server.deliver(letter('while-idle'));
    await arrived(channel, 'just-now', 'while-idle');
    expect(server.commands).toContain('EXAMINE INBOX');
    expect(server.commands.filter((command) => /STORE|SELECT|EXPUNGE|COPY|MOVE|APPEND|BODY\[/.test(command))).toEqual([]);
    expect(await health(channel)).toMatchObject({ state: 'green', lastInbound: { at: expect.any(String) } });
  });

  it('MAIL-1 mail without a Message-ID is kept, and the same mail by SMTP is one message (MAIL-8)', async () => {
    const channel = await connect();
    const nameless = mail({}, 'nameless');
    server.deliver(nameless);
    await arrived(channel, 'nameless');
    await desk.deliver(nameless, channel.forwardingAddress!);
    await arrived(channel, 'nameless');
  });

  it('MAIL-1 a mailbox that speaks up for nothing is asked from time to time', async () => {
    const channel = await connect();
    await desk.here.until(() => server.idle === 1, 'the reader to wait');
    server.inbox.messages.push({ uid: server.inbox.uidNext++, raw: Buffer.from(letter('untold')), arrived: new Date() });
    await arrived(channel, 'untold');
  });

  it('MAIL-1 however much has gathered, all of it is caught up with, in order, over cut connections', async () => {
    const channel = await connect();
    await desk.here.until(() => server.idle === 1, 'the reader to wait');
    server.faults.cutAtFetch = 70;
    const all = Array.from({ length: 180 }, (_, at) => `backlog-${at}`);
    for (const one of all) server.inbox.messages.push({ uid: server.inbox.uidNext++, raw: Buffer.from(letter(one)), arrived: new Date() });
    await arrived(channel, ...all);
    const kept = await desk.here.tx((tx) => tx.sql<{ body: string }>(`SELECT convert_from(body, 'UTF8') AS body FROM raw_inbound WHERE channel_id = $1 ORDER BY id`, [channel.id]));
    expect(kept.map(({ body }) => body.split('\r\n\r\n')[1])).toEqual(all);
  });

  it('MAIL-1 MAIL-8 other numbers for the same mails: all is looked at again, and each is one message', async () => {
    const channel = await connect();
    for (const one of ['re-1', 're-2', 're-3']) server.deliver(letter(one));
    await arrived(channel, 're-1', 're-2', 're-3');
    server.renumber();
    server.deliver(letter('re-4'));
    await arrived(channel, 're-1', 're-2', 're-3', 're-4');
    const duplicates = await desk.here.tx((tx) => tx.sql(`SELECT 1 FROM inbound_item WHERE channel_id = $1 AND outcome = 'duplicate'`, [channel.id]));
    expect(duplicates).toHaveLength(3);
  });

  it('MAIL-1 a server that no longer answers is left, and found again', async () => {
    const channel = await connect();
    await desk.here.until(() => server.idle === 1, 'the reader to wait');
    server.faults.frozen = true;
    server.inbox.messages.push({ uid: server.inbox.uidNext++, raw: Buffer.from(letter('thawed')), arrived: new Date() });
    await becomes(channel, 'yellow');
    expect((await health(channel)).reasons).toMatchObject([{ code: 'unreachable' }]);
    server.faults.frozen = false;
    await arrived(channel, 'thawed');
    await becomes(channel, 'green');
  });

  it('MAIL-1 two replicas: one of them reads, and the other goes on where it is killed', async () => {
    const channel = await connect();
    await desk.here.until(() => server.idle === 1, 'the reader to wait');
    const other = await rig(channelsApp, { replicaOf: desk.here, env: ENV });
    try {
      for (let at = 0; at < 20; at++) server.deliver(letter(`pair-${at}`));
      await arrived(channel, ...Array.from({ length: 20 }, (_, at) => `pair-${at}`));
      expect(server.readers).toBe(1);
      const [lease] = (await desk.here.db.query('SELECT lease FROM imap_cursor WHERE channel_id = $1', [channel.id])) as { lease: string }[];
      await desk.here.db.query(`UPDATE imap_cursor SET lease = gen_random_uuid(), lease_until = now() - interval '1 second' WHERE channel_id = $1`, [channel.id]);
      await desk.here.until(async () => ((await desk.here.db.query('SELECT 1 FROM imap_cursor WHERE channel_id = $1 AND lease <> $2 AND lease_until > now()', [channel.id, lease!.lease])) as object[]).length === 1, 'somebody to take over');
      server.deliver(letter('pair-20'));
      await arrived(channel, ...Array.from({ length: 21 }, (_, at) => `pair-${at}`));
      const raws = await desk.here.tx((tx) => tx.sql('SELECT 1 FROM raw_inbound WHERE channel_id = $1', [channel.id]));
      expect(raws).toHaveLength(21);
    } finally {
      await other.close();
    }
  });

  it('MAIL-6 a mail above 25 MiB stays where it is, and the books say so', async () => {
    const channel = await connect();
    server.deliver(letter('huge', 'x'.repeat(25 * 1024 * 1024)));
    server.deliver(letter('small'));
    await arrived(channel, 'small');
    expect(await desk.here.tx((tx) => tx.sql('SELECT outcome, reason FROM inbound_item WHERE channel_id = $1', [channel.id]))).toEqual([{ outcome: 'quarantined', reason: 'a mail of more than 25 MiB was left in the mailbox (UID 1)' }]);
  });
});

describe('who is let in', () => {
  it('MAIL-1 a refused login turns the channel red with the server’s reason, and other credentials are used at once', async () => {
    const channel = await connect({ password: 'wrong' });
    await becomes(channel, 'red');
    expect((await health(channel)).reasons).toMatchObject([{ code: 'auth', state: 'red', text: expect.stringContaining('Invalid credentials') }]);
    const imap = { host: '127.0.0.1', port: server.port, security: 'none' as const, user: LOGIN.user, auth: { password: LOGIN.password } };
    await desk.here.ask(channels.update, { id: channel.id, ifMatch: channel.version, credentials: { imap } });
    server.deliver(letter('let-in'));
    await arrived(channel, 'let-in');
    await becomes(channel, 'green');
  });

  it('MAIL-1 a mailbox that does not exist is told', async () => {
    await start();
    const channel = await connectTo({ password: LOGIN.password }, 'Nowhere');
    await desk.here.until(async () => (await health(channel)).reasons.length > 0, 'health to tell');
    expect((await health(channel)).reasons).toMatchObject([{ code: 'config' }]);
  });

  it('MAIL-1 by an OAuth 2 token, and by one that is renewed', async () => {
    const direct = await connect({ accessToken: LOGIN.accessToken });
    server.deliver(letter('by-token'));
    await arrived(direct, 'by-token');
    await server.close();

    const asked: string[] = [];
    const provider = createServer((request, response) => {
      request.on('data', (body: Buffer) => asked.push(body.toString()));
      request.on('end', () => response.end(JSON.stringify({ access_token: LOGIN.accessToken, expires_in: 3600 })));
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    try {
      const renewed = await connect({ refreshToken: 'test-refresh', clientId: 'test-client', clientSecret: '', tokenUrl: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/token` });
      server.deliver(letter('by-renewed-token'));
      await arrived(renewed, 'by-renewed-token');
      expect(asked).toEqual(['grant_type=refresh_token&refresh_token=test-refresh&client_id=test-client']);
    } finally {
      provider.close();
    }
  });

  it('MAIL-1 a channel that is switched off or disconnected reads nothing', async () => {
    const channel = await connect();
    await desk.here.until(() => server.idle === 1, 'the reader to wait');
    const off = await desk.here.ask(channels.update, { id: channel.id, ifMatch: channel.version, enabled: false });
    server.drop();
    server.deliver(letter('unread'));
    await desk.here.ask(channels.remove, { id: channel.id, ifMatch: off.version });
    expect(await desk.here.db.query('SELECT 1 FROM imap_cursor WHERE channel_id = $1', [channel.id])).toEqual([]);
    await desk.here.until(() => server.readers === 0, 'the reader to leave');
    expect(await texts(channel)).toEqual([]);
  });
});

it('security 8 a private server is nobody’s mailbox unless the installation allows it', async () => {
  await start();
  const strict = await emailDesk({ PARLEY_IMAP_POLL_SECONDS: '2', PARLEY_EGRESS_ALLOW_CIDRS: '' });
  try {
    const channel = await strict.here.ask(channels.create, {
      type: 'email', name: 'X', settings: { address: 'x@parley.example' }, credentials: { imap: { host: 'localhost', port: server.port, security: 'none', user: 'x', auth: { password: 'x' } } },
    });
    await strict.here.until(async () => (await strict.here.ask(channelHealth.get, { id: channel.id })).reasons.length > 0, 'health to tell');
    expect((await strict.here.ask(channelHealth.get, { id: channel.id })).reasons).toMatchObject([{ code: 'config', text: expect.stringContaining('private address') }]);
    expect(server.commands).toEqual([]);
  } finally {
    await strict.close();
  }
});
