import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { access } from '@parley/contracts/access';
import { httpClient } from '@parley/contracts/http-client';
import { tickets } from '@parley/contracts/tickets';

const ID = '0190b3c0-0000-7000-8000-000000000001';
let answer = { status: 200, body: '{}' };
let asked: { method: string; url: string; headers: IncomingMessage['headers']; body: string };
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    asked = { method: request.method!, url: request.url!, headers: request.headers, body };
    response.writeHead(answer.status).end(answer.body);
  });
});
let url: string;

beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((closed) => server.close(closed)));

describe('the HTTP client', () => {
  it('puts each field where the contract says: path, header, body', async () => {
    answer = { status: 412, body: JSON.stringify({ code: 'VERSION_STALE', detail: 'Now at 8', current: { version: 8 } }) };
    const ask = httpClient(url, { authorization: 'Bearer fake' })(tickets.update, { id: ID, ifMatch: 7, priority: 'high' });
    await expect(ask).rejects.toMatchObject({ code: 'VERSION_STALE', message: 'Now at 8', more: { current: { version: 8 } } });
    expect(asked).toMatchObject({ method: 'PATCH', url: `/v1/tickets/${ID}`, body: '{"priority":"high"}' });
    expect(asked.headers).toMatchObject({ 'if-match': '"v7"', authorization: 'Bearer fake' });
  });

  it('puts the fields of a list into the query, and parses the answer', async () => {
    answer = { status: 200, body: '{"items":[],"nextCursor":null}' };
    expect(await httpClient(url)(access.listUsers, { limit: 5 })).toEqual({ items: [], nextCursor: null });
    expect(asked).toMatchObject({ method: 'GET', url: '/v1/users?limit=5', body: '' });
  });

  it('takes an empty answer for nothing', async () => {
    answer = { status: 204, body: '' };
    expect(await httpClient(url)(access.logout, { refreshToken: 'fake' })).toEqual({});
  });

  it('calls an answer that is none of ours, or none at all, unavailable', async () => {
    answer = { status: 502, body: '<html>' };
    await expect(httpClient(url)(access.me, {})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(httpClient('http://127.0.0.1:1')(access.me, {})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
