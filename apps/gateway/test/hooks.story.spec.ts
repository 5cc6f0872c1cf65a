import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import supertest from 'supertest';
import { openDesk, type Desk } from './desk.js';

type Got = { method: string; url: string; headers: Record<string, unknown>; body: Buffer };
/** A replica of channels, as far as /hooks goes. */
class Replica {
  readonly got: Got[] = [];
  behave: 'answer' | 'reset' | 'refuse' = 'answer';
  readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      if (this.behave === 'reset') return request.socket.destroy();
      this.got.push({ method: request.method!, url: request.url!, headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(this.behave === 'refuse' ? 403 : 200, { 'content-type': 'text/xml' }).end('<Response/>');
    });
  });
  listen = () => new Promise<string>((ready) => this.server.listen(0, '127.0.0.1', () => ready(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`)));
  close = () => new Promise((closed) => { this.server.close(closed); this.server.closeAllConnections(); });
}

const replicas = [new Replica(), new Replica()];
let desk: Desk;
beforeAll(async () => {
  const urls = [...(await Promise.all(replicas.map((replica) => replica.listen()))), 'http://127.0.0.1:1'];
  desk = await openDesk({ PARLEY_CHANNELS_URLS: urls.join(',') });
});
afterAll(async () => {
  await desk?.close();
  await Promise.all(replicas.map((replica) => replica.close()));
});
const got = () => replicas.flatMap((replica) => replica.got.splice(0));
const post = (body: string | Buffer, headers: Record<string, string> = {}) => supertest(desk.gateway.url).post('/hooks/key-1?a=%20b').set({ 'content-type': 'application/x-www-form-urlencoded', ...headers }).send(body);

describe('a webhook', () => {
  it('SMS-1 arrives byte for byte, with path, query and headers as they were signed', async () => {
    const bytes = randomBytes(100_000);
    const answer = await supertest(desk.gateway.url).post('/hooks/key-1?a=%20b&c').set({ 'content-type': 'application/octet-stream', 'x-twilio-signature': 'fake+signature=', 'x-hub-signature-256': 'sha256=fake' }).serialize((body) => body as never).send(bytes);
    expect({ status: answer.status, type: answer.headers['content-type'], text: answer.text }).toEqual({ status: 200, type: 'text/xml', text: '<Response/>' });
    const [only, ...more] = got();
    expect(more).toEqual([]);
    expect(only!.body.equals(bytes)).toBe(true);
    expect(only).toMatchObject({ method: 'POST', url: '/hooks/key-1?a=%20b&c', headers: { 'x-twilio-signature': 'fake+signature=', 'x-hub-signature-256': 'sha256=fake', 'x-forwarded-for': '127.0.0.1' } });
  });

  it('brings no header that speaks for us inside', async () => {
    await post('x', { 'parley-actor': 'forged', 'x-forwarded-for': '203.0.113.9', 'x-forwarded-host': 'evil.example' });
    const [{ headers }] = got() as [Got];
    expect(headers).not.toHaveProperty('parley-actor');
    expect(headers).not.toHaveProperty('x-forwarded-host');
    expect(headers['x-forwarded-for']).toBe('127.0.0.1');
  });

  it('may be a GET (handshakes), and is answered what channels says', async () => {
    expect((await supertest(desk.gateway.url).get('/hooks/key-1?hub.challenge=42')).status).toBe(200);
    replicas.forEach((replica) => (replica.behave = 'refuse'));
    expect((await post('x')).status).toBe(403);
    replicas.forEach((replica) => (replica.behave = 'answer'));
    expect(got()[0]).toMatchObject({ method: 'GET', url: '/hooks/key-1?hub.challenge=42' });
  });

  it('reaches each replica in turn, and the next one where one is away or hangs up', async () => {
    for (let i = 0; i < 12; i++) expect((await post(`n=${i}`)).status).toBe(200);
    expect(replicas.every((replica) => replica.got.length >= 4)).toBe(true);
    got();
    replicas[0]!.behave = 'reset';
    for (let i = 0; i < 6; i++) expect((await post(`n=${i}`)).status).toBe(200);
    expect(replicas[1]!.got).toHaveLength(6);
    replicas[0]!.behave = 'answer';
    got();
  });

  it('is told to come again when no replica answers', async () => {
    replicas.forEach((replica) => (replica.behave = 'reset'));
    const answer = await post('x');
    expect({ status: answer.status, code: answer.body.code, retry: Number(answer.headers['retry-after']) > 0 }).toEqual({ status: 503, code: 'UNAVAILABLE', retry: true });
    replicas.forEach((replica) => (replica.behave = 'answer'));
  });
});
