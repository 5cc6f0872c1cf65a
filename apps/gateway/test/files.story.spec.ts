import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { access } from '@parley/contracts/access';
import { attachments, FILE_BYTES, files } from '@parley/contracts/attachments';
import type { Attachment } from '@parley/contracts/channels';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { webchat } from '@parley/contracts/webchat';
import { SERVICE_ENV } from '@parley/service/config';
import { Handles } from '@parley/service/handles';
import { newId } from '@parley/service/ids';
import { FileLinks } from '@parley/service/links';
import { rig, type Rig } from '@parley/service/testing/rig';
import supertest from 'supertest';
import { openDesk, type Desk, type Shop, type Somebody } from './desk.js';

/** Stands in for tickets and channels: files by account, and one open chat that shows all of them. */
const world = { files: new Map<string, Attachment>(), commands: new Set<string>(), openChat: newId() };
const missing = (id: string) => new ContractError('ATTACHMENT_NOT_FOUND', `No file ${id}`);
@Controller()
class Tickets {
  @Handles(files.register)
  async register(input: Input<typeof files.register>, by: Actor) {
    const file = { id: newId(), inline: false, ...input };
    world.commands.add(by.command!);
    world.files.set(`${by.account} ${file.id}`, file);
    return file as Attachment;
  }
  @Handles(files.find)
  async find({ id }: Input<typeof files.find>, by: Actor) {
    const file = world.files.get(`${by.account} ${id}`);
    if (!file) throw missing(id);
    return file;
  }
}
@Controller()
class Channels {
  @Handles(webchat.file)
  async file({ sessionId, attachmentId }: Input<typeof webchat.file>, by: Actor) {
    const file = sessionId === world.openChat ? world.files.get(`${by.account} ${attachmentId}`) : undefined;
    if (!file) throw missing(attachmentId);
    return file;
  }
}
@Module({ controllers: [Tickets] })
class TicketsModule {}
@Module({ controllers: [Channels] })
class ChannelsModule {}

let desk: Desk;
let others: Rig[];
let shop: Shop;
let support: Somebody;
beforeAll(async () => {
  desk = await openDesk();
  const env = { PARLEY_PREFIX: desk.gateway.env['PARLEY_PREFIX']! };
  others = [
    await rig({ name: 'tickets', module: TicketsModule, env: SERVICE_ENV, entities: [], migrations: [] }, { env }),
    await rig({ name: 'channels', module: ChannelsModule, env: SERVICE_ENV, entities: [], migrations: [] }, { env }),
  ];
  shop = await desk.shop();
  support = await shop.person('support');
});
afterAll(async () => {
  for (const other of others ?? []) await other.close();
  await desk?.close();
});

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');
const upload = (bytes: Buffer, name = 'a.png', who = support, type = 'image/png') =>
  supertest(desk.gateway.url).post('/v1/attachments').set('authorization', `Bearer ${who.token}`).attach('file', bytes, { filename: name, contentType: type });
const put = async (bytes: Buffer, name = 'a.png', who = support) => (await upload(bytes, name, who).expect(201)).body as Attachment;
const linkOf = async (id: string, who = support) => new URL((await who.ask(attachments.get, { id })).url);
const follow = (link: URL, who?: Somebody) => {
  const request = supertest(desk.gateway.url).get(link.pathname + link.search).buffer(true).parse((response, done) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => done(null, Buffer.concat(chunks)));
  });
  return who ? request.set('authorization', `Bearer ${who.token}`) : request;
};

describe('uploading', () => {
  it('TKT-10 a file is kept under its hash, typed by its content, and can be read by the link that is given for it', async () => {
    const file = await put(PNG, '../../Grüße.png');
    expect(file).toEqual({ id: expect.any(String), name: 'Grüße.png', contentType: 'image/png', sizeBytes: PNG.length, inline: false, sha256: createHash('sha256').update(PNG).digest('hex') });
    expect(readdirSync(join(desk.gateway.env['PARLEY_FILES_DIR']!, shop.account, file.sha256!.slice(0, 2)))).toEqual([file.sha256]);
    const answer = await follow(await linkOf(file.id)).expect(200);
    expect((answer.body as Buffer).equals(PNG)).toBe(true);
    expect(answer.headers).toMatchObject({ 'content-type': 'image/png', 'content-length': String(PNG.length), 'x-content-type-options': 'nosniff', 'content-disposition': `inline; filename="Gr__e.png"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.png` });
    expect(answer.headers['content-security-policy']).toMatch(/sandbox/);
  });

  it('TKT-10 people get pieces, too, and the whole where it may have changed meanwhile', async () => {
    const link = await linkOf((await put(Buffer.from('0123456789'), 'ten.txt')).id);
    const piece = await follow(link).set('range', 'bytes=7-').expect(206);
    expect([piece.body.toString(), piece.headers['content-range'], piece.headers['accept-ranges']]).toEqual(['789', 'bytes 7-9/10', 'bytes']);
    expect((await follow(link).set('range', 'bytes=11-12').expect(416)).headers['content-range']).toBe('bytes */10');
    expect((await follow(link).set('range', 'bytes=7-').set('if-range', '"x"').expect(200)).body.toString()).toBe('0123456789');
  });

  const polyglots: [name: string, bytes: Buffer, inline: string | null][] = [
    ['a.png', Buffer.concat([PNG, Buffer.from('<script>alert(1)</script>')]), 'image/png'], ['a.html', Buffer.concat([PNG, Buffer.from('<html>')]), 'image/png'],
    ['gif.js', Buffer.from('GIF89a/*\x00\x00*/=1;alert(1)', 'latin1'), 'image/gif'], ['jpeg.svg', Buffer.concat([Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'), Buffer.from('<svg onload=alert(1)>')]), 'image/jpeg'],
    ...['page.html', 'page.xhtml', 'page.png', 'page.jpg', 'page.svg', 'page.xml', 'page.js', 'page.pdf', 'page.txt', 'page', 'page.htm', 'page.hta', 'page.mht', 'page.swf', 'page.css', 'page.wasm'].flatMap((name): [string, Buffer, null][] => [
      [name, Buffer.from('<!doctype html><script>alert(1)</script>'), null], [name, Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), null],
    ]),
    ['a.pdf', Buffer.from('%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>'), null], ['a.zip', Buffer.from('504b0304140000000800', 'hex'), null],
    ['a.swf', Buffer.from('FWS\x0a<script>', 'latin1'), null], ['a.exe', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(64)]), null], ['a.bmp', Buffer.from('BM<script>alert(1)</script>'), null], ['bom.html', Buffer.from('\ufeff<script>alert(1)</script>'), null],
  ];
  it(`security 5 META-4: none of ${polyglots.length} polyglots is ever given as a page, whatever it was called and said to be`, async () => {
    expect(polyglots.length).toBeGreaterThanOrEqual(40);
    for (const [name, bytes, inline] of polyglots) {
      for (const type of ['text/html', 'image/svg+xml']) {
        const file = (await upload(bytes, name, support, type).expect(201)).body as Attachment;
        const { headers } = await follow(await linkOf(file.id)).expect(200);
        const expected = { type: inline ?? 'application/octet-stream', disposition: inline ? 'inline' : 'attachment', sniffed: 'nosniff', boxed: true };
        const given = { type: headers['content-type'], disposition: headers['content-disposition']!.split(';')[0], sniffed: headers['x-content-type-options'], boxed: /(^|;\s*)sandbox(;|$)/.test(headers['content-security-policy']!) };
        expect({ name, ...given }).toEqual({ name, ...expected });
      }
    }
  });

  it('security 7: names that climb, hide or break lines are only names', async () => {
    for (const name of ['../../../etc/passwd', '..\\..\\boot.ini', `${'x'.repeat(300)}.png`, 'a\u202egpj.exe', 'a%00b%0d%0aSet-Cookie: x=1.png', '....//x', '~/.ssh/id_rsa']) {
      const file = await put(PNG, name);
      expect(file.name).not.toMatch(/[/\\\u202e\0\r\n]|^\.\./);
      const { headers } = await follow(await linkOf(file.id)).expect(200);
      expect(headers).not.toHaveProperty('set-cookie');
      expect(headers['content-disposition']).toMatch(/^inline; filename="[^"\r\n]*"; filename\*=UTF-8''[^\s;]+$/);
    }
  });

  it('security 23: a file of 25 MiB is taken, one byte more is not, and nothing of it stays', async () => {
    const whole = await put(Buffer.alloc(FILE_BYTES, 1), 'whole');
    expect(whole.sizeBytes).toBe(FILE_BYTES);
    const before = world.files.size;
    expect((await upload(Buffer.alloc(FILE_BYTES + 1, 1), 'more')).body).toMatchObject({ status: 413, code: 'TOO_LARGE' });
    expect((await chunked(FILE_BYTES + 1_000_000)).code).toBe('TOO_LARGE');
    expect(world.files.size).toBe(before);
    expect(readdirSync(join(desk.gateway.env['PARLEY_FILES_DIR']!, 'arriving'))).toEqual([]);
  });

  it('security 23: what is no single file of a multipart body is refused, and says why', async () => {
    const post = () => supertest(desk.gateway.url).post('/v1/attachments').set('authorization', `Bearer ${support.token}`);
    const says = (message: string) => ({ code: 'VALIDATION_FAILED', errors: [{ pointer: '', message: expect.stringContaining(message) }] });
    expect((await post().send({ file: 'x' })).body).toMatchObject({ code: 'MEDIA_TYPE_NOT_SUPPORTED' });
    expect((await post().attach('file', PNG, 'a.png').attach('other', PNG, 'b.png')).body).toMatchObject(says('more than one part'));
    expect((await post().field('name', 'x').attach('file', PNG, 'a.png')).body.code).toBe('VALIDATION_FAILED');
    expect((await post().field('name', 'x')).body.code).toBe('VALIDATION_FAILED');
    expect((await post().attach('file', Buffer.alloc(0), 'a.png')).body).toMatchObject(says('empty'));
    expect((await post().set('content-type', 'multipart/form-data').send('x')).body).toMatchObject(says('boundary'));
    expect((await post().set('content-type', 'multipart/form-data; boundary=x').send('--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nbytes')).body).toMatchObject(says('cut off'));
    expect((await post().query({ a: 1 }).attach('file', PNG, 'a.png')).body.code).toBe('VALIDATION_FAILED');
  });

  it('TKT-10 under one Idempotency-Key a file is made once; other bytes are refused', async () => {
    const once = (bytes: Buffer) => upload(bytes).set('idempotency-key', 'upload-once');
    const first = await once(PNG).expect(201);
    const again = await once(PNG).expect(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect((await once(Buffer.from('other'))).body).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('ACC-2 only who may answer customers uploads', async () => {
    expect((await upload(PNG, 'a.png', await shop.person('analyst'))).body).toMatchObject({ status: 403, code: 'SCOPE_MISSING' });
    expect((await upload(PNG, 'a.png', desk.nobody)).status).toBe(401);
    expect((await upload(PNG, 'a.png', await shop.key(['messages:send']))).status).toBe(201);
  });
});

describe('links', () => {
  const gone = { status: 404, code: 'ATTACHMENT_NOT_FOUND' };

  it('security 6: a link is its holder’s: another person’s sign-in, another file, a late or altered one get nothing', async () => {
    const [file, second] = [await put(PNG), await put(Buffer.from('other'), 'b.txt')];
    const link = await linkOf(file.id);
    await follow(link).expect(200);
    await follow(link, support).expect(200);
    const problem = async (url: URL, who?: Somebody) => JSON.parse((await follow(url, who)).body.toString()) as object;
    expect(await problem(link, shop.owner)).toMatchObject(gone);
    expect(await problem(link, (await desk.shop()).owner)).toMatchObject(gone);
    expect(await problem(new URL(link.href.replace(file.id, second.id)))).toMatchObject(gone);
    expect(await problem(new URL(`${link.href}x`))).toMatchObject(gone);
    expect(await problem(new URL(link.origin + link.pathname))).toMatchObject(gone);
    const late = await new FileLinks(desk.gateway.env['PARLEY_SECRET_KEY']!).make({ file: file.id, account: shop.account, kind: 'session', holder: newId() }, -1);
    expect(await problem(new URL(`${link.origin}${link.pathname}?token=${late.token}`))).toMatchObject(gone);
    expect(await problem(new URL(link.href.replace('/v1/attachments/', '/v1/webchat/attachments/').replace('/content', '')))).toMatchObject(gone);
  });

  it('security 6 ACC-4: a link ends with the session of its holder', async () => {
    const file = await put(PNG);
    const leaver = await shop.person('support');
    const link = await linkOf(file.id, leaver);
    await follow(link).expect(200);
    const user = await shop.owner.ask(access.getUser, { id: leaver.id });
    await shop.owner.ask(access.deactivateUser, { id: leaver.id, ifMatch: user.version });
    await desk.gateway.until(async () => (await follow(link)).status === 404, 'the link to end');
  });

  it('ACC-1 another account’s file is one that there is not', async () => {
    const file = await put(PNG);
    const stranger = (await desk.shop()).owner;
    expect((await stranger.send(attachments.get, { path: { id: file.id } })).body).toMatchObject(gone);
    const forged = await new FileLinks(desk.gateway.env['PARLEY_SECRET_KEY']!).make({ file: file.id, account: newId(), kind: 'chat', holder: world.openChat }, 60);
    expect((await follow(new URL(`/v1/webchat/attachments/${file.id}?token=${forged.token}`, desk.gateway.url))).status).toBe(404);
  });

  it('TKT-10 CHAT-7 a visitor reads a file by the link of their chat, while it is open', async () => {
    const file = await put(Buffer.from('%PDF-1.7\n'), 'label.pdf');
    const links = new FileLinks(desk.gateway.env['PARLEY_SECRET_KEY']!);
    const chatLink = async (holder: string) => new URL(`/v1/webchat/attachments/${file.id}?token=${(await links.make({ file: file.id, account: shop.account, kind: 'chat', holder }, 60)).token}`, desk.gateway.url);
    const answer = await follow(await chatLink(world.openChat)).set('origin', 'https://shop.example').expect(200);
    expect(answer.body.toString()).toBe('%PDF-1.7\n');
    expect(answer.headers).toMatchObject({ 'content-type': 'application/octet-stream', 'access-control-allow-origin': 'https://shop.example', 'content-disposition': expect.stringMatching(/^attachment; filename="label.pdf"/) });
    await follow(await chatLink(newId())).expect(404);
  });
});

/** Sends more than it announced: without a length. */
function chunked(bytes: number): Promise<{ code?: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(new URL('/v1/attachments', desk.gateway.url), { method: 'POST', headers: { authorization: `Bearer ${support.token}`, 'content-type': 'multipart/form-data; boundary=x' } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as { code: string }));
    });
    request.on('error', reject);
    request.write('--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n');
    for (let sent = 0; sent < bytes; sent += 1_000_000) request.write(Buffer.alloc(1_000_000, 1));
    request.end('\r\n--x--\r\n');
  });
}

describe('links for providers', () => {
  const links = () => new FileLinks(desk.gateway.env['PARLEY_SECRET_KEY']!);
  const providerLink = async (file: string, { account = shop.account, kind = 'provider' as 'provider' | 'chat' | 'session', seconds = 60 } = {}) =>
    new URL(`${desk.gateway.url}/v1/media/${file}?token=${(await links().make({ file, account, kind, holder: newId() }, seconds)).token}`);

  it('META-4 SMS-6 a provider gets the file without signing in, by its type, and harmless in a browser', async () => {
    const file = await put(PNG, 'kettle.png');
    const answer = await follow(await providerLink(file.id)).expect(200);
    expect((answer.body as Buffer).equals(PNG)).toBe(true);
    expect(answer.headers).toMatchObject({ 'content-type': 'image/png', 'content-length': String(PNG.length), 'accept-ranges': 'bytes', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(answer.headers['content-security-policy']).toMatch(/sandbox/);
    const pdf = await put(Buffer.from('%PDF-1.7\n1 0 obj'), 'bill.pdf');
    expect((await follow(await providerLink(pdf.id)).expect(200)).headers).toMatchObject({ 'content-type': 'application/pdf', 'content-disposition': expect.stringMatching(/^attachment/) });
    const xml = await put(Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'), 'a.svg');
    expect((await follow(await providerLink(xml.id)).expect(200)).headers['content-type']).toBe('application/octet-stream');
  });

  it('META-4 in pieces, where a provider asks for them', async () => {
    const bytes = Buffer.from('0123456789');
    const link = await providerLink((await put(bytes, 'ten.txt', support)).id);
    const piece = await follow(link).set('range', 'bytes=2-4').expect(206);
    expect([piece.body.toString(), piece.headers['content-range'], piece.headers['content-length']]).toEqual(['234', 'bytes 2-4/10', '3']);
    expect((await follow(link).set('range', 'bytes=-4').expect(206)).body.toString()).toBe('6789');
    expect((await follow(link).set('range', 'bytes=10-').expect(416)).headers['content-range']).toBe('bytes */10');
    expect((await follow(link).set('range', 'bytes=0-1,3-4').expect(200)).body.toString()).toBe('0123456789');
    const large = Buffer.alloc(1_000_000, 7);
    const far = await follow(await providerLink((await put(large, 'large')).id)).set('range', 'bytes=300000-999998').expect(206);
    expect((far.body as Buffer).equals(large.subarray(300_000, 999_999))).toBe(true);
    expect((await supertest(desk.gateway.url).head(link.pathname + link.search)).status).toBe(200);
  });

  it('security 6 META-4 such a link is for this alone: late, altered, of another file or kind, or another account’s gets nothing', async () => {
    const [file, second] = [await put(PNG), await put(Buffer.from('other'), 'b.txt')];
    const link = await providerLink(file.id);
    const status = async (url: URL) => (await follow(url)).status;
    expect(await status(new URL(link.href.replace(file.id, second.id)))).toBe(404);
    expect(await status(new URL(`${link.href}x`))).toBe(404);
    expect(await status(new URL(link.origin + link.pathname))).toBe(404);
    expect(await status(await providerLink(file.id, { seconds: -1 }))).toBe(404);
    expect(await status(await providerLink(file.id, { kind: 'chat' }))).toBe(404);
    expect(await status(await providerLink(file.id, { kind: 'session' }))).toBe(404);
    expect(await status(await providerLink(file.id, { account: (await desk.shop()).account }))).toBe(404);
    for (const path of [`/v1/attachments/${file.id}/content`, `/v1/webchat/attachments/${file.id}`]) expect(await status(new URL(link.href.replace(`/v1/media/${file.id}`, path)))).toBe(404);
  });
});
