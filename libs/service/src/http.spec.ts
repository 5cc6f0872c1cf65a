import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ForbiddenTarget, SafeHttp } from './http.js';

describe('the way out to other people’s servers', () => {
  let server: Server;
  let canary: Server;
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
    // The same port of IPv6, where there is one.
    canary = createServer(() => void reached++);
    await new Promise<void>((resolve) => canary.once('error', () => resolve()).listen(port, '::1', resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    canary.close();
    return new Promise((resolve) => server.close(resolve));
  });

  const strict = new SafeHttp([]);
  const inside = new SafeHttp(['127.0.0.0/8']);

  // Notations of loopback, private, link-local, metadata, shared, documentation, mapped and translated addresses.
  const HOSTS = [
    '127.0.0.1', '127.1', '127.0.1', '127.0.0.1.', '2130706433', '0x7f000001', '0x7F000001', '0x7f.0.0.1', '0x7f.1', '0177.0.0.1', '0177.1', '017700000001', '0x0000000000007f000001', '00000000177.1', '127.255.255.254', 'localhost', 'localhost.', 'LOCALHOST', 'foo.localhost',
    '0.0.0.0', '0', '0x0', '00', '10.0.0.5', '10.5', '10.255.255.255', '0xa000005', '172.16.0.1', '172.31.255.255', '192.168.0.1', '192.168.1', '0xc0a80001', '169.254.169.254', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '169.254.43518', '100.64.0.1', '100.100.100.200',
    '192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255', '4294967295', '168.63.129.16',
    '[::1]', '[::]', '[0000::0001]', '[::127.0.0.1]', '[::7f00:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::ffff:10.0.0.1]', '[::ffff:a9fe:a9fe]', '[::ffff:0:7f00:1]', '[0:0:0:0:0:0:0:1]', '[64:ff9b::7f00:1]', '[64:ff9b::a9fe:a9fe]', '[64:ff9b:1::7f00:1]',
    '[fc00::1]', '[fd12:3456::1]', '[fd00:ec2::254]', '[fe80::1]', '[ff02::1]', '[2001:db8::1]', '[2002:7f00:1::]', '[2001:0:7f00:1::]', '[100::1]', '[fec0::1]', '１２７.０.０.１', '①②⑦.⓪.⓪.①', '127。0。0。1', '127．0．0．1', '127｡0｡0｡1', 'ⓛocalhost', '%31%32%37.0.0.1', '127.0.0.1%2e',
  ];
  it.each(HOSTS)('NTF-2 never connects to %s', async (host) => {
    const before = reached;
    for (const scheme of ['https', 'http']) {
      const error: unknown = await strict.send({ method: 'GET', url: `${scheme}://${host}:${port}/`, timeoutMs: 60_000 }).catch((refused: unknown) => refused);
      expect(error).toHaveProperty('message');
      // Refused by us, or no address at all: never an answer of the network.
      expect(error instanceof ForbiddenTarget || (error as { code?: string }).code === 'ERR_INVALID_URL' || ['ENOTFOUND', 'EAI_AGAIN'].includes((error as { code: string }).code)).toBe(true);
    }
    expect(reached).toBe(before);
  });

  it.each([
    'file:///etc/passwd', 'ftp://example.com/', 'http://example.com/', 'https://user:pass@example.com/', 'https://user@example.com/', 'https://:pass@example.com/', 'https://127.0.0.1@example.com/', 'https://example.com%40127.0.0.1@example.com/', 'gopher://127.0.0.1/', 'javascript:alert(1)',
    'data:text/plain,hello', 'ws://example.com/', 'unix:/var/run/docker.sock', 'blob:https://example.com/1', 'jar:http://127.0.0.1!/', 'dict://127.0.0.1:6379/info', 'ldap://127.0.0.1/', 'https:\\\\127.0.0.1\\', 'https:127.0.0.1',
  ])('NTF-2 refuses %s', async (url) => {
    await expect(strict.send({ method: 'GET', url })).rejects.toBeInstanceOf(ForbiddenTarget);
    if (!/^https?:/.test(url) || url.includes('@')) await expect(inside.send({ method: 'GET', url })).rejects.toBeInstanceOf(ForbiddenTarget);
  });

  it.each(['', '/', '//127.0.0.1/', 'http://', 'https://[::1', 'https://1.2.3.4.5.6:99999/', 'https://[fe80::1%25eth0]/', 'https://exa mple.com/', 'https://a\0b/'])('NTF-2 %j is no address', async (url) => {
    await expect(inside.send({ method: 'GET', url })).rejects.toThrow();
  });

  it('reaches what is explicitly allowed, and nothing beside it', async () => {
    const answer = await inside.send({ method: 'POST', url: `http://127.0.0.1:${port}/`, headers: { 'x-test': 'yes' }, body: 'hello' });
    expect([answer.status, answer.body.toString()]).toEqual([200, 'POST yes']);
    expect((await inside.send({ method: 'GET', url: `http://0x7f.1:${port}/` })).status).toBe(200);
    await expect(inside.send({ method: 'GET', url: `http://10.0.0.5:${port}/` })).rejects.toBeInstanceOf(ForbiddenTarget);
    await expect(inside.send({ method: 'GET', url: 'http://93.184.215.14/' })).rejects.toBeInstanceOf(ForbiddenTarget);
    await expect(inside.send({ method: 'GET', url: `http://user:pass@127.0.0.1:${port}/` })).rejects.toBeInstanceOf(ForbiddenTarget);
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

describe('servers that mean harm', () => {
  let server: TcpServer;
  let url: string;
  const open = new Set<Socket>();
  /** What is written to whoever connects, piece by piece, until they hang up. */
  const BEHAVIOUR: Record<string, (socket: Socket) => void> = {
    '/drip-headers': (socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', () => 'x-slow: 1\r\n'),
    '/drip-body': (socket) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n', () => 'x'),
    '/drip-chunks': (socket) => drip(socket, 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', () => '1\r\nx\r\n'),
    '/early-hints': (socket) => drip(socket, '', () => 'HTTP/1.1 103 Early Hints\r\n\r\n'),
    '/header-bomb': (socket) => void socket.write(`HTTP/1.1 200 OK\r\n${Array.from({ length: 5000 }, (_, n) => `x-${n}: ${'y'.repeat(50)}\r\n`).join('')}content-length: 0\r\n\r\n`),
    '/long-header': (socket) => void socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1_000_000)}\r\n\r\n`),
    '/lies': (socket) => void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 3000000\r\n\r\n${'z'.repeat(3_000_000)}`),
    '/zip-bomb': (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nGZIP'),
    '/nonsense': (socket) => void socket.write('\0\x01\x02 hello\r\n\r\n'),
    '/hang-up': (socket) => void socket.destroy(),
  };
  function drip(socket: Socket, first: string, next: () => string) {
    socket.write(first);
    const timer = setInterval(() => socket.write(next()), 20);
    socket.once('close', () => clearInterval(timer));
  }
  beforeAll(async () => {
    server = createTcpServer((socket) => {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => open.delete(socket)).once('data', (data) => BEHAVIOUR[data.toString('latin1').split(' ')[1]!]!(socket));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    for (const socket of open) socket.destroy();
    return new Promise((closed) => server.close(closed));
  });

  it.each(Object.keys(BEHAVIOUR).filter((path) => path !== '/zip-bomb'))('NTF-2 META-4 %s ends with an error, and the line is closed', async (path) => {
    const http = new SafeHttp(['127.0.0.0/8']);
    await expect(http.send({ method: 'GET', url: url + path, timeoutMs: 400 })).rejects.toThrow();
    await http.close();
    for (const end = performance.now() + 60_000; open.size && performance.now() < end; ) await new Promise((again) => setTimeout(again, 10));
    expect(open.size).toBe(0);
  });

  it('NTF-2 META-4 what is packed is not unpacked: the limit is one of bytes that came', async () => {
    expect((await new SafeHttp(['127.0.0.0/8']).send({ method: 'GET', url: `${url}/zip-bomb` })).body.toString()).toBe('GZIP');
  });
});
