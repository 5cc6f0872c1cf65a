import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { channels, type Channel } from '@parley/contracts/channels';
import { webchat } from '@parley/contracts/webchat';
import { newId } from '@parley/service/ids';
import { Secrets } from '@parley/service/secrets';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { SECRET, type WebchatDesk, webchatDesk } from './webchat-desk.js';

// Who a visitor is: by keys that the brand's server publishes, once, or by the link of a mail.
let desk: WebchatDesk;
beforeAll(async () => {
  desk = await webchatDesk({}, { PARLEY_EGRESS_ALLOW_CIDRS: '127.0.0.0/8' });
});
afterAll(() => desk.here.close());

describe('keys of the brand', () => {
  const world = { keys: [] as JWK[], asked: 0 };
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      world.asked += 1;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: world.keys }));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  });
  afterAll(() => void server.close());

  const pair = async (kid: string, alg = 'ES256') => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid };
    const sign = (widgetKey: string | null) => new SignJWT({ sub: newId() }).setProtectedHeader({ alg, kid }).setAudience(`parley-widget:${widgetKey}`).setIssuedAt().setExpirationTime('5m').sign(privateKey);
    return { jwk, sign };
  };
  const start = async ({ widgetKey }: Channel, token: Promise<string>) => desk.start(await token, { widgetKey: widgetKey! });

  it('CHAT-2 a widget without a secret takes RS256 and ES256 by the keys behind its URL, a new key too, and asks for them seldom', async () => {
    const channel = await desk.here.ask(channels.create, { type: 'webchat', name: 'Chat', settings: { jwksUrl: url } });
    const [first, second] = [await pair('first', 'RS256'), await pair('second')];
    world.keys = [first.jwk];
    expect(await start(channel, first.sign(channel.widgetKey))).toMatchObject({ ticket: null });
    for (let n = 0; n < 5; n++) await start(channel, first.sign(channel.widgetKey));
    expect(world.asked).toBe(1);
    await expect(start(channel, second.sign(channel.widgetKey))).rejects.toMatchObject({ code: 'IDENTITY_TOKEN_INVALID' });
    await expect(start(channel, first.sign(desk.channel.widgetKey))).rejects.toMatchObject({ code: 'IDENTITY_TOKEN_INVALID' });
    await expect(desk.start(await desk.token({}, { audience: `parley-widget:${channel.widgetKey}` }), { widgetKey: channel.widgetKey! })).rejects.toMatchObject({ code: 'IDENTITY_TOKEN_INVALID' });
    expect(world.asked).toBe(1);
  });

  it('CHAT-2 needs a secret or keys, and only proves by what it has', async () => {
    await expect(desk.here.ask(channels.create, { type: 'webchat', name: 'Chat' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED', more: { errors: [{ pointer: '/credentials/identitySecret' }] } });
    const away = await desk.here.ask(channels.create, { type: 'webchat', name: 'Chat', settings: { jwksUrl: 'http://127.0.0.1:9/jwks.json' }, credentials: { identitySecret: SECRET } });
    expect(await desk.start(await desk.token({}, { audience: `parley-widget:${away.widgetKey}` }), { widgetKey: away.widgetKey! })).toMatchObject({ ticket: null });
    await expect(start(away, (await pair('x')).sign(away.widgetKey))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const inside = await desk.here.ask(channels.create, { type: 'webchat', name: 'Chat', settings: { jwksUrl: 'http://169.254.169.254/keys' } });
    await expect(start(inside, (await pair('x')).sign(inside.widgetKey))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('CHAT-2 ACC-6 a secret is changed without a moment at which one of the two is refused', async () => {
    const channel = await desk.connect();
    const next = 'the-next-secret-of-the-widget-00000001';
    const by = (secret: string) => desk.token({ sub: newId() }, { secret, audience: `parley-widget:${channel.widgetKey}` }).then((token) => desk.start(token, { widgetKey: channel.widgetKey! }));
    await desk.here.ask(channels.update, { id: channel.id, ifMatch: 1, credentials: { identitySecret: next, formerIdentitySecret: SECRET } });
    await by(SECRET);
    await by(next);
    await desk.here.ask(channels.update, { id: channel.id, ifMatch: 2, credentials: { identitySecret: next } });
    await by(next);
    await expect(by(SECRET)).rejects.toMatchObject({ code: 'IDENTITY_TOKEN_INVALID' });
    expect(JSON.stringify(await desk.here.facts('channels.audit_recorded'))).not.toContain(next);
  });
});

describe('tokens that name themselves', () => {
  it('CHAT-2 are good for one start, also when twenty try at once', async () => {
    const token = await desk.token({ sub: newId(), jti: newId() });
    const started = await Promise.allSettled(Array.from({ length: 20 }, () => desk.start(token)));
    expect(started.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(started.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))).toEqual(Array(19).fill('IDENTITY_TOKEN_USED'));
    await desk.here.ask(webchat.config, { widgetKey: desk.channel.widgetKey!, identity: await desk.token({ jti: newId() }) });
  });

  it('CHAT-2 the same name in another widget is another token, and what has expired is forgotten', async () => {
    const [other, jti] = [await desk.connect(), newId()];
    await desk.start(await desk.token({ jti }));
    await desk.start(await desk.token({ jti }, { audience: `parley-widget:${other.widgetKey}` }), { widgetKey: other.widgetKey! });
    await desk.here.tx((tx) => tx.sql(`UPDATE chat_proof_used SET expires_at = now() - interval '1 second'`));
    await desk.start(await desk.token({ jti: newId() }));
    expect(await desk.here.tx((tx) => tx.sql('SELECT 1 FROM chat_proof_used WHERE channel_id = $1', [desk.channel.id]))).toHaveLength(1);
  });
});

describe('the link of a follow-up e-mail', () => {
  const secrets = () => new Secrets(desk.here.env['PARLEY_SECRET_KEY']!);
  const linkTo = (session: string, { account = desk.here.account, seconds = 3600, purpose = 'chat-link' } = {}) => {
    const exp = Math.floor((performance.timeOrigin + performance.now()) / 1000) + seconds;
    const payload = Buffer.from(JSON.stringify({ account, session, ticket: newId(), exp })).toString('base64url');
    return `${payload}.${secrets().mac(purpose, payload)}`;
  };
  const open = (chatLink: string, widgetKey = desk.channel.widgetKey!) => desk.here.ask(webchat.start, { widgetKey, chatLink });
  const look = (chatLink: string, widgetKey = desk.channel.widgetKey!) => desk.here.ask(webchat.config, { widgetKey, chatLink });

  it('TIME-2 CHAT-2 opens that chat, with what was said in it', async () => {
    const visitor = await desk.visitor({ name: 'Erika' });
    const question = await desk.file((await visitor.write('hello?')).id, newId(), 1);
    const link = linkTo(visitor.sessionId);
    expect(await look(link)).toMatchObject({ visible: true, signedIn: true, chat: { sessionId: visitor.sessionId, open: true } });
    const opened = await open(link);
    expect(opened).toMatchObject({ sessionId: visitor.sessionId, profile: { externalId: question.from[0]!.value, name: 'Erika' }, ticket: { id: expect.any(String) } });
    expect(await desk.here.ask(webchat.authenticate, { sessionToken: opened.sessionToken })).toMatchObject({ sessionId: visitor.sessionId, open: true });
  });

  it('TIME-2 CHAT-1 shows a widget that is for signed-in visitors alone', async () => {
    const channel = await desk.connect({ visibility: 'signed_in' });
    const { sessionId } = await desk.start(await desk.token({}, { audience: `parley-widget:${channel.widgetKey}` }), { widgetKey: channel.widgetKey! });
    expect(await look(linkTo(sessionId), channel.widgetKey!)).toMatchObject({ visible: true });
  });

  it('TIME-2 CHAT-7 opens no chat that has ended', async () => {
    const visitor = await desk.visitor();
    const link = linkTo(visitor.sessionId);
    await visitor.end();
    expect(await look(link)).toMatchObject({ chat: { sessionId: visitor.sessionId, open: false } });
    await expect(open(link)).rejects.toMatchObject({ code: 'CHAT_CLOSED' });
  });

  it('TIME-2 CHAT-2 forged, changed, made for something else or of another widget or account: refused', async () => {
    const [visitor, other] = [await desk.visitor(), await desk.connect()];
    const good = linkTo(visitor.sessionId);
    const [payload, mac] = good.split('.') as [string, string];
    const changed = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), session: (await desk.visitor()).sessionId })).toString('base64url');
    const links = [`${changed}.${mac}`, payload, `${payload}.`, `${payload}.${'a'.repeat(26)}`, `${good}.x`, linkTo(visitor.sessionId, { purpose: 'file-link' }), linkTo(visitor.sessionId, { account: newId() }), linkTo(newId())];
    for (const link of links) {
      await expect(open(link)).rejects.toMatchObject({ code: 'CHAT_LINK_INVALID' });
      await expect(look(link)).rejects.toMatchObject({ code: 'CHAT_LINK_INVALID' });
    }
    await expect(open(good, other.widgetKey!)).rejects.toMatchObject({ code: 'CHAT_LINK_INVALID' });
  });

  it('TIME-2 TIME-6 expires, by the time of the account', async () => {
    const visitor = await desk.visitor();
    await expect(open(linkTo(visitor.sessionId, { seconds: -1 }))).rejects.toMatchObject({ code: 'CHAT_LINK_EXPIRED' });
    const link = linkTo(visitor.sessionId);
    await open(link);
    await desk.here.advance(3700);
    await expect(look(link)).rejects.toMatchObject({ code: 'CHAT_LINK_EXPIRED' });
  });

  it('CHAT-2 an identity token or a link, and not both', async () => {
    const visitor = await desk.visitor();
    for (const both of [{}, { chatLink: linkTo(visitor.sessionId), identityToken: await desk.token() }]) {
      await expect(desk.here.ask(webchat.start, { widgetKey: desk.channel.widgetKey!, ...both })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    }
  });
});

describe('whoever proves nothing', () => {
  const CANARY = 'canary of a proven visitor';
  const made = fc.constantFrom('x', 'a.b.c', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJjdXN0b21lci0xIn0.', 'e30.aaaaaaaaaaaaaaaaaaaaaaaaaa');

  it('CHAT-2 PRO-1 by no sequence of questions reads or writes a message of somebody proven', async () => {
    const visitor = await desk.visitor({ sub: 'proven', email: 'proven@customer.example' });
    const question = await desk.file((await visitor.write(CANARY)).id, newId(), 1);
    const widgetKey = desk.channel.widgetKey!;
    const nobody = { account: newId(), type: 'customer' as const, id: null, scopes: ['public' as const, 'visitor' as const] };
    const step = fc.oneof(
      fc.record({ ask: fc.constant(webchat.config), input: fc.record({ widgetKey: fc.constant(widgetKey), identity: made }) }),
      fc.record({ ask: fc.constant(webchat.config), input: fc.record({ widgetKey: fc.constant(widgetKey), chatLink: made }) }),
      fc.record({ ask: fc.constant(webchat.start), input: fc.record({ widgetKey: fc.constant(widgetKey), identityToken: made }) }),
      fc.record({ ask: fc.constant(webchat.start), input: fc.record({ widgetKey: fc.constant(widgetKey), chatLink: made }) }),
      fc.record({ ask: fc.constant(webchat.messages), input: fc.record({ afterSeq: fc.nat(3) }) }),
      fc.record({ ask: fc.constant(webchat.send), input: fc.record({ clientId: fc.constantFrom('c-1', 'c-2'), text: fc.constant('as if I were them') }) }),
      fc.record({ ask: fc.constant(webchat.end), input: fc.constant({}) }),
    );
    const before = (await desk.received()).length;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), fc.constantFrom(null, question.inboundId, newId()), async (steps, id) => {
        for (const { ask, input } of steps) {
          const answer = await desk.here.ask(ask as typeof webchat.config, input as never, { ...nobody, id }).catch((error: unknown) => error);
          expect(JSON.stringify(answer)).not.toContain(CANARY);
        }
      }),
      { numRuns: 40 },
    );
    expect((await desk.received()).length).toBe(before);
    expect((await visitor.thread()).items).toHaveLength(1);
  });
});

describe('pages that may use a widget', () => {
  it('CHAT-2 only the allowed ones may go on with a session, and a widget that is switched off has none', async () => {
    const channel = await desk.connect({ allowedOrigins: ['https://shop.example'] });
    const { sessionToken } = await desk.start(await desk.token({}, { audience: `parley-widget:${channel.widgetKey}` }), { widgetKey: channel.widgetKey!, origin: 'https://shop.example' });
    const go = (origin?: string) => desk.here.ask(webchat.authenticate, { sessionToken, origin });
    expect([await go('https://shop.example'), await go()]).toMatchObject([{ open: true }, { open: true }]);
    for (const origin of ['https://evil.example', 'http://shop.example', 'null']) await expect(go(origin)).rejects.toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' });
    const asked = (origin: string) => desk.here.ask(webchat.admits, { widgetKey: channel.widgetKey!, origin });
    expect([await asked('https://shop.example'), await asked('https://evil.example')]).toEqual([{ allowed: true }, { allowed: false }]);
    await desk.here.ask(channels.update, { id: channel.id, ifMatch: 1, enabled: false });
    await expect(go()).rejects.toMatchObject({ code: 'SESSION_REVOKED' });
    await expect(asked('https://shop.example')).rejects.toMatchObject({ code: 'WIDGET_NOT_FOUND' });
  });
});
