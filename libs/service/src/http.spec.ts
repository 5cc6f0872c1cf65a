import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ForbiddenTarget, SafeHttp } from './http.js';

describe('the way out to other people’s servers', () => {
  let server: Server;
  let port: number;
  let reached = 0;
  beforeAll(async () => {
    server = createServer((request, answer) => {
      reached++;
      if (request.url === '/redirect') answer.writeHead(302, { location: `http://127.0.0.1:${port}/secret` }).end();
      else if (request.url === '/endless') answer.end('x'.repeat(10_000));
      else if (request.url === '/silent') return;
      else answer.end(`${request.method} ${request.headers['x-test'] ?? ''}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  const strict = new SafeHttp([]);
  const inside = new SafeHttp(['127.0.0.0/8']);

  // Notations of loopback, private, link-local, metadata, shared, documentation, mapped and translated addresses.
  const HOSTS = [
    '127.0.0.1', '127.1', '127.0.1', '2130706433', '0x7f000001', '0x7f.0.0.1', '0177.0.0.1', '017700000001', '127.255.255.254', 'localhost', 'localhost.',
    '0.0.0.0', '0', '10.0.0.5', '10.255.255.255', '0xa000005', '172.16.0.1', '172.31.255.255', '192.168.0.1', '192.168.1', '169.254.169.254', '2852039166', '0xa9fea9fe', '100.64.0.1',
    '192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255',
    '[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::ffff:10.0.0.1]', '[::ffff:a9fe:a9fe]', '[0:0:0:0:0:0:0:1]', '[64:ff9b::7f00:1]', '[64:ff9b::a9fe:a9fe]',
    '[fc00::1]', '[fd12:3456::1]', '[fe80::1]', '[ff02::1]', '[2001:db8::1]', '[2002:7f00:1::]', '[100::1]', '１２７.０.０.１', '①②⑦.⓪.⓪.①', '127。0。0。1',
  ];
  it.each(HOSTS)('NTF-2 never connects to %s', async (host) => {
    const before = reached;
    await expect(strict.send({ method: 'GET', url: `https://${host}:${port}/` })).rejects.toThrow();
    await expect(strict.send({ method: 'GET', url: `http://${host}:${port}/` })).rejects.toBeInstanceOf(ForbiddenTarget);
    expect(reached).toBe(before);
  });

  it.each(['file:///etc/passwd', 'ftp://example.com/', 'http://example.com/', 'https://user:pass@example.com/', 'gopher://127.0.0.1/', 'javascript:alert(1)'])('refuses %s', async (url) => {
    await expect(strict.send({ method: 'GET', url })).rejects.toBeInstanceOf(ForbiddenTarget);
  });

  it('reaches what is explicitly allowed, and nothing beside it', async () => {
    const answer = await inside.send({ method: 'POST', url: `http://127.0.0.1:${port}/`, headers: { 'x-test': 'yes' }, body: 'hello' });
    expect([answer.status, answer.body.toString()]).toEqual([200, 'POST yes']);
    await expect(inside.send({ method: 'GET', url: `http://10.0.0.5:${port}/` })).rejects.toBeInstanceOf(ForbiddenTarget);
  });

  it('follows no redirect, reads no endless answer, waits for no silent server', async () => {
    const before = reached;
    expect((await inside.send({ method: 'GET', url: `http://127.0.0.1:${port}/redirect` })).status).toBe(302);
    expect(reached).toBe(before + 1);
    await expect(inside.send({ method: 'GET', url: `http://127.0.0.1:${port}/endless`, maxBytes: 5000 })).rejects.toThrow('larger');
    await expect(inside.send({ method: 'GET', url: `http://127.0.0.1:${port}/silent`, timeoutMs: 50 })).rejects.toThrow();
  });

  it('judges a name by every address it leads to', () => {
    for (const address of ['127.0.0.1', '::ffff:192.168.0.1', 'fe80::1', '64:ff9b::a00:1']) expect(strict.mayConnect(address)).toBe(false);
    for (const address of ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c']) expect(strict.mayConnect(address)).toBe(true);
  });
});
