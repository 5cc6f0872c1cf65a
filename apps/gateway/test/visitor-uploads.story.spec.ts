import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { files, VISITOR_PICTURE_BYTES } from '@parley/contracts/attachments';
import type { Attachment } from '@parley/contracts/channels';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { webchat } from '@parley/contracts/webchat';
import { SERVICE_ENV } from '@parley/service/config';
import { Handles } from '@parley/service/handles';
import { newId } from '@parley/service/ids';
import { rig, type Rig } from '@parley/service/testing/rig';
import supertest from 'supertest';
import { openDesk, type Desk } from './desk.js';

const [account, session] = [newId(), newId()];
/** Stand in for tickets and channels: one visitor, whose token is `visitor-token`. */
const world = { registered: [] as { by: string | null; file: Attachment }[], kept: new Map<string, Attachment>(), closed: false };
@Controller()
class Tickets {
  @Handles(files.register)
  async register(input: Input<typeof files.register>, by: Actor) {
    const file = { id: newId(), inline: false, ...input };
    world.registered.push({ by: by.id, file });
    return file as Attachment;
  }
}
@Controller()
class Channels {
  @Handles(webchat.authenticate)
  async authenticate({ sessionToken }: Input<typeof webchat.authenticate>) {
    if (sessionToken !== 'visitor-token') throw new ContractError('SESSION_REVOKED', 'Not known');
    return { account, sessionId: session, open: true };
  }
  @Handles(webchat.keepFile)
  async keepFile({ file }: Input<typeof webchat.keepFile>, by: Actor) {
    if (world.closed || by.id !== session) throw new ContractError('CHAT_CLOSED', 'Over');
    world.kept.set(file.id, file);
    return {};
  }
  @Handles(webchat.file)
  async file({ sessionId, attachmentId }: Input<typeof webchat.file>) {
    const file = sessionId === session && !world.closed ? world.kept.get(attachmentId) : undefined;
    if (!file) throw new ContractError('ATTACHMENT_NOT_FOUND', 'None');
    return file;
  }
}
@Module({ controllers: [Tickets] })
class TicketsModule {}
@Module({ controllers: [Channels] })
class ChannelsModule {}

let desk: Desk;
let others: Rig[];
beforeAll(async () => {
  desk = await openDesk();
  const env = { PARLEY_PREFIX: desk.gateway.env['PARLEY_PREFIX']! };
  const standIn = (name: 'tickets' | 'channels', module: typeof TicketsModule) => rig({ name, module, env: SERVICE_ENV, entities: [], migrations: [] }, { env });
  others = [await standIn('tickets', TicketsModule), await standIn('channels', ChannelsModule)];
});
afterEach(() => void Object.assign(world, { registered: [], closed: false }));
afterAll(async () => {
  for (const other of others ?? []) await other.close();
  await desk?.close();
});

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');
const noted = (text: string) => {
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from(`tEXt${text}`), Buffer.from('crc!')]);
  chunk.writeUInt32BE(text.length);
  return Buffer.concat([PNG.subarray(0, 33), chunk, PNG.subarray(33)]);
};
const upload = (bytes: Buffer, name = 'shoe.png', headers: Record<string, string> = {}) =>
  supertest(desk.gateway.url).post('/v1/webchat/attachments').set({ authorization: 'Bearer visitor-token', ...headers }).attach('file', bytes, { filename: name, contentType: 'image/png' });

describe('a visitor’s upload', () => {
  it('TKT-10 is kept under the visitor’s chat, by what it is and not by what it is called, and can be read by its link', async () => {
    const { status, body } = await upload(PNG, '../../shoe\u202Egnp.exe');
    expect([status, body]).toEqual([201, { id: expect.any(String), name: 'shoegnp.exe', contentType: 'image/png', sizeBytes: PNG.length, url: expect.stringContaining(`/v1/webchat/attachments/${String(body.id)}?token=`) }]);
    expect(world.registered).toMatchObject([{ by: session, file: { sha256: world.kept.get(body.id)!.sha256 } }]);
    const link = new URL(body.url);
    const read = await supertest(desk.gateway.url).get(link.pathname + link.search);
    expect([read.status, read.body, read.headers['content-type']]).toEqual([200, PNG, 'image/png']);
    world.closed = true;
    expect((await supertest(desk.gateway.url).get(link.pathname + link.search)).status).toBe(404);
  });

  it('TKT-10 loses what the camera noted before it is kept', async () => {
    const { body } = await upload(noted('CANARY-52.52N'));
    expect(body.sizeBytes).toBe(PNG.length);
    const link = new URL(body.url);
    expect((await supertest(desk.gateway.url).get(link.pathname + link.search)).body).toEqual(PNG);
  });

  it('TKT-10 may be any file; one that could act in a page is only ever saved', async () => {
    const { body } = await upload(Buffer.from('<html><script>alert(1)</script>'), 'page.html');
    expect(body.contentType).toBe('application/octet-stream');
    const link = new URL(body.url);
    const { headers } = await supertest(desk.gateway.url).get(link.pathname + link.search);
    expect(headers).toMatchObject({ 'content-type': 'application/octet-stream', 'content-disposition': expect.stringMatching(/^attachment/), 'x-content-type-options': 'nosniff', 'content-security-policy': expect.stringContaining('sandbox') });
  });

  it('TKT-10 is refused where it is a picture that is too large, cut off or empty, and nothing is registered', async () => {
    const large = Buffer.concat([PNG.subarray(0, 33), Buffer.alloc(VISITOR_PICTURE_BYTES)]);
    const answers = [await upload(large), await upload(PNG.subarray(0, 40)), await upload(Buffer.alloc(0))];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([[413, 'TOO_LARGE'], [400, 'VALIDATION_FAILED'], [400, 'VALIDATION_FAILED']]);
    expect(world.registered).toEqual([]);
  });

  it('CHAT-7 is refused in a chat that has ended, and to whoever is nobody’s visitor', async () => {
    world.closed = true;
    expect((await upload(PNG)).body.code).toBe('CHAT_CLOSED');
    expect((await upload(PNG, 'shoe.png', { authorization: 'Bearer forged' })).body.code).toBe('SESSION_REVOKED');
    expect((await supertest(desk.gateway.url).post('/v1/webchat/attachments').set('authorization', 'Bearer visitor-token').send({ file: 'x' })).status).toBe(415);
  });

  it('is one file when it is sent again under its key', async () => {
    const key = { 'idempotency-key': newId() };
    const [first, again] = [await upload(PNG, 'a.png', key), await upload(PNG, 'a.png', key)];
    expect([first.status, again.status, again.body.id, again.headers['idempotency-replayed']]).toEqual([201, 201, first.body.id, 'true']);
    expect(world.registered).toHaveLength(1);
  });

  it('CHAT-8 comes so often a minute', async () => {
    const codes: number[] = [];
    while (!codes.includes(429)) codes.push((await upload(PNG)).status);
    expect(codes.filter((code) => code === 201).length).toBeGreaterThan(5);
  });
});

it('CHAT-2 chats are started so often a minute from one address', async () => {
  const codes: number[] = [];
  // The bucket refills meanwhile: whoever asks twenty at a time is faster than that.
  const start = () => supertest(desk.gateway.url).post('/v1/webchat/wk_demo/sessions').send({ identityToken: 'x' }).then(({ status }) => status);
  while (!codes.includes(429)) codes.push(...(await Promise.all(Array.from({ length: 20 }, start))));
  expect(codes.indexOf(429)).toBeGreaterThanOrEqual(100);
});
