import { BlockList, isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';

/** Where a request came from: the peer, or what trusted proxies say of it, read from the nearest one outwards. Other headers are never believed. */
export function addressOf(request: { socket: IncomingMessage['socket']; headers: IncomingMessage['headers'] }, trusted: string[]): string {
  const peer = plain(request.socket.remoteAddress ?? '');
  const hops = trusted.length ? String(request.headers['x-forwarded-for'] ?? '').split(',').map((hop) => plain(hop.trim())).filter((hop) => isIP(hop)) : [];
  const ranges = rangesOf(trusted);
  let address = peer;
  while (hops.length && contains(ranges, address)) address = hops.pop()!;
  return address;
}

const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '');
const contains = (ranges: BlockList, address: string) => isIP(address) !== 0 && ranges.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

const known = new Map<string, BlockList>();
function rangesOf(trusted: string[]): BlockList {
  const name = trusted.join();
  const ranges = known.get(name) ?? new BlockList();
  if (!known.has(name)) for (const range of trusted) add(ranges, range);
  known.set(name, ranges);
  return ranges;
}
function add(ranges: BlockList, range: string) {
  const [network, bits] = range.split('/') as [string, string | undefined];
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  ranges.addSubnet(network, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
}
