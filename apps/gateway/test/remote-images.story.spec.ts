import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { attachments, files } from '@parley/contracts/attachments';
import type { Attachment } from '@parley/contracts/channels';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { SERVICE_ENV } from '@parley/service/config';
import { Handles } from '@parley/service/handles';
import { newId } from '@parley/service/ids';
import { rig, type Rig } from '@parley/service/testing/rig';
import { openDesk, type Desk, type Somebody } from './desk.js';

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');
/** Stands in for tickets: one message, whose images stand at these addresses. */
const world = { message: newId(), account: '', images: [] as string[], files: new Map<string, Attachment>() };
@Controller()
class Tickets {
  @Handles(files.remoteImage)
  async remoteImage({ id, place }: Input<typeof files.remoteImage>, by: Actor) {
    if (id !== world.message || by.account !== world.account) throw new ContractError('MESSAGE_NOT_FOUND', `No message ${id}`);
    return { url: world.images[place]! };
  }
  @Handles(files.register)
  async register(input: Input<typeof files.register>) {
    const file = { id: newId(), inline: false, ...input };
    world.files.set(file.id, file);
    return file as Attachment;
  }
  @Handles(files.find)
  async find({ id }: Input<typeof files.find>) {
    return world.files.get(id)!;
  }
}
@Module({ controllers: [Tickets] })
class TicketsModule {}

let desk: Desk;
let tickets: Rig;
let server: Server;
let support: Somebody;
const asked: { url: string; headers: object }[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push({ url: request.url!, headers: request.headers });
    if (request.url === '/moved') return response.writeHead(302, { location: '/cat.png' }).end();
    if (request.url === '/page') return response.setHeader('content-type', 'image/png').end('<html><script>alert(1)</script>');
    if (request.url === '/vector') return response.setHeader('content-type', 'image/svg+xml').end('<svg xmlns="http://www.w3.org/2000/svg"/>');
    return response.end(request.url === '/huge' ? Buffer.concat([PNG, Buffer.alloc(6 * 1024 * 1024)]) : PNG);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  desk = await openDesk({ PARLEY_EGRESS_ALLOW_CIDRS: '127.0.0.1/32' });
  tickets = await rig({ name: 'tickets', module: TicketsModule, env: SERVICE_ENV, entities: [], migrations: [] }, { env: { PARLEY_PREFIX: desk.gateway.env['PARLEY_PREFIX']! } });
  const shop = await desk.shop();
  world.account = shop.account;
  const { port } = server.address() as AddressInfo;
  world.images = ['/cat.png', '/page', '/vector', '/moved', '/huge'].map((path) => `http://127.0.0.1:${port}${path}`);
  world.images.push('http://127.0.0.2:1/x.png', 'http://10.0.0.1/x.png', 'file:///etc/passwd', 'http://[::1]:1/x.png');
  support = await shop.person('support');
});
afterAll(async () => {
  await tickets?.close();
  await desk?.close();
  server?.close();
});

const show = (place: number, who = support) => who.send(attachments.remoteImage, { path: { id: world.message, place: String(place) } });

describe('an image that a mail shows from elsewhere', () => {
  it('MAIL-5 nobody hears of the mail until somebody asks; then a copy is linked, and its sender learns nothing of them', async () => {
    expect(asked).toEqual([]);
    const answer = await show(0);
    expect(answer.body).toMatchObject({ contentType: 'image/png', sizeBytes: PNG.length, name: 'image.png' });
    expect(asked).toMatchObject([{ url: '/cat.png' }]);
    expect(Object.keys(asked[0]!.headers).filter((name) => /cookie|referer|authorization|forwarded|user-agent/.test(name))).toEqual([]);
    const url = new URL((answer.body as { url: string }).url);
    const bytes = await fetch(desk.gateway.url + url.pathname + url.search, { headers: { authorization: `Bearer ${support.token}` } });
    expect(Buffer.from(await bytes.arrayBuffer()).equals(PNG)).toBe(true);
  });

  it.each([[1, 'a page that says it is an image'], [2, 'an image that can act'], [3, 'a detour'], [4, 'more than 5 MiB'], [5, 'a private address'], [6, 'another one'], [7, 'a file of ours'], [8, 'our own machine']])(
    'MAIL-5 security 8 place %i, %s, is refused', async (place) => {
      const kept = world.files.size;
      expect((await show(place)).body).toMatchObject({ status: 422, code: 'IMAGE_NOT_AVAILABLE' });
      expect(world.files.size).toBe(kept);
    });

  it('ACC-1 a message of another account has none', async () => {
    const stranger = await (await desk.shop()).person('support');
    expect((await show(0, stranger)).status).toBe(404);
  });
});
