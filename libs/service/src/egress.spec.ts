import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Egress, ForbiddenTarget } from './egress.js';
import { SafeHttp } from './http.js';
import { NameServer } from './testing/name-server.js';

const PRIVATE = [
  // loopback, this host, private, shared, link-local with metadata, documentation, benchmarking, multicast, reserved, broadcast
  '127.0.0.1', '127.255.255.254', '0.0.0.0', '0.1.2.3', '10.0.0.5', '172.16.0.1', '172.31.255.255', '192.168.0.1', '100.64.0.1', '100.100.100.200', '100.127.255.255',
  '169.254.169.254', '169.254.170.2', '192.0.0.192', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '192.88.99.1', '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255', '168.63.129.16',
  // the same of IPv6, and everything that stands for an IPv4 address
  '::', '::1', '::127.0.0.1', '::7f00:1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:169.254.169.254', '::ffff:0:127.0.0.1', '64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::7f00:1', '2002:7f00:1::', '2002:a00:5::1',
  '2001:0:7f00:1::', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'fe80::5efe:7f00:1', 'fec0::1', 'ff02::1', '100::1', '2001:db8::1', '3fff::1', '5f00::1', '2001:10::1', '4000::1', 'e000::1', '2606:2800:21f::1%lo',
  'not an address', '',
];
const PUBLIC = ['93.184.215.14', '1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.1', '172.15.0.1', '172.32.0.1', '169.253.255.255', '192.167.1.1', '198.17.0.1', '223.255.255.255', '168.63.129.17', '2606:2800:21f:cb07:6820:80da:af6b:8b2c', '2a00:1450:4001:81c::200e'];

describe('addresses that may be reached', () => {
  const strict = new Egress([]);
  it.each(PRIVATE)('NTF-2 not %j', (address) => expect(strict.mayConnect(address)).toBe(false));
  it.each(PUBLIC)('NTF-2 %j is public', (address) => expect(strict.mayConnect(address)).toBe(true));

  it('NTF-2 the operator allows what they name, in any notation, and nothing beside it', () => {
    const some = new Egress(['10.1.0.0/16', ' fd00:1::/32 ', '']);
    expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd00:1::5'].map((address) => some.isAllowed(address))).toEqual([true, true, true]);
    expect(['10.2.0.1', 'fd00:2::5', '127.0.0.1', '8.8.8.8'].map((address) => some.isAllowed(address))).toEqual([false, false, false, false]);
  });

  it.each(['127.0.0.1', '127.1', '0x7f000001', '2130706433', '017700000001', 'localhost', '[::1]', '::1', '::ffff:127.0.0.1'])('MAIL-7 a mail server at %s is refused, however it is written', async (host) => {
    await expect(strict.address(host)).rejects.toThrow();
    expect(await strict.address(host).catch((error) => error)).not.toHaveProperty('address');
  });
});

describe('names that change their minds', () => {
  let names: NameServer;
  let inside: Server;
  let port: number;
  let reached: string[];
  // 127.0.0.2 plays the world, which is allowed; 127.0.0.1 plays our own network, where the canary sits. One server listens at both.
  const world = '127.0.0.2';
  const ours = '127.0.0.1';
  beforeAll(async () => {
    names = await new NameServer().start();
    inside = createServer((request, answer) => {
      reached.push(request.socket.localAddress!);
      answer.writeHead(200, { connection: 'close' }).end('here');
    });
    await new Promise<void>((listening) => inside.listen(0, '0.0.0.0', listening));
    port = (inside.address() as AddressInfo).port;
  });
  beforeAll(() => void (reached = []));
  afterAll(async () => {
    await names.close();
    await new Promise((closed) => inside.close(closed));
  });

  const http = () => new SafeHttp([`${world}/32`], names.resolve);
  const get = (host: string, through: SafeHttp) => through.send({ method: 'GET', url: `http://${host}:${port}/`, timeoutMs: 60_000 });
  const visited = () => reached.splice(0);

  it('NTF-2 a name that leads outside is reached, and asked for once', async () => {
    names.says('shop.test', [world]);
    expect((await get('shop.test', http())).body.toString()).toBe('here');
    expect(visited()).toEqual([world]);
    expect(names.asked.filter((name) => name === 'shop.test')).toHaveLength(1);
  });

  it('NTF-2 whoever looks first and connects then is led inside: the name server does its work', async () => {
    names.says('naive.test', [world], [ours]);
    const seen = await new Promise<string>((found) => names.resolve('naive.test', { all: true }, (_, [first]) => found(first!.address)));
    const second = await new Promise<string>((found) => names.resolve('naive.test', { all: true }, (_, [first]) => found(first!.address)));
    await fetch(`http://${second}:${port}/`);
    expect([seen, visited()]).toEqual([world, [ours]]);
  });

  it('NTF-2 a name that leads outside first and inside then is not followed inside', async () => {
    names.says('rebind.test', [world], [ours]);
    const through = http();
    await get('rebind.test', through);
    await expect(get('rebind.test', through)).rejects.toBeInstanceOf(ForbiddenTarget);
    expect(visited()).toEqual([world]);
  });

  it('NTF-2 between the look and the connection nothing is asked again', async () => {
    names.says('once.test', [world], [ours]);
    expect((await get('once.test', http())).status).toBe(200);
    expect(visited()).toEqual([world]);
    expect(names.asked.filter((name) => name === 'once.test')).toHaveLength(1);
  });

  it('NTF-2 one private address among public ones is enough to refuse', async () => {
    names.says('mixed.test', [world, ours]);
    await expect(get('mixed.test', http())).rejects.toBeInstanceOf(ForbiddenTarget);
    names.says('mixed-too.test', [ours, world]);
    await expect(get('mixed-too.test', http())).rejects.toBeInstanceOf(ForbiddenTarget);
    expect(visited()).toEqual([]);
  });

  it('NTF-2 a name that leads nowhere is no forbidden target', async () => {
    names.says('nobody.test', []);
    await expect(get('nobody.test', http())).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('NTF-2 where something is allowed, http still reaches only that', async () => {
    names.says('public.test', ['93.184.215.14']);
    await expect(get('public.test', http())).rejects.toBeInstanceOf(ForbiddenTarget);
  });

  it('MAIL-7 MAIL-1 a mail server that an account names is reached at the address that was looked at', async () => {
    names.says('mail.test', [world], [ours]);
    const egress = new Egress([`${world}/32`], names.resolve);
    expect(await egress.address('mail.test')).toEqual({ address: world, family: 4 });
    await expect(egress.address('mail.test')).rejects.toBeInstanceOf(ForbiddenTarget);
  });
});
