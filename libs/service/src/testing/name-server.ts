import { createSocket, type Socket } from 'node:dgram';
import { Resolver, type LookupAddress } from 'node:dns';
import type { AddressInfo } from 'node:net';
import { isIPv4 } from 'node:net';
import type { Resolve } from '../egress.js';

const A = 1;
const HEADER_BYTES = 12;

/**
 * A name server on a port of its own (RFC 1035, one question per packet, A records, TTL 0) that may change its mind: each name has a list of answers, given
 * one after the other; the last one stays. It is asked over UDP by `resolve`, as `dns.lookup` would ask a real one.
 */
export class NameServer {
  /** Names that were asked for, in order. */
  readonly asked: string[] = [];
  private readonly names = new Map<string, string[][]>();
  private socket!: Socket;
  private readonly resolver = new Resolver({ timeout: 60_000, tries: 1 });

  async start(): Promise<this> {
    this.socket = createSocket('udp4', (packet, from) => this.socket.send(this.answer(packet), from.port, from.address));
    await new Promise<void>((bound) => this.socket.bind(0, '127.0.0.1', bound));
    this.resolver.setServers([`127.0.0.1:${(this.socket.address() as AddressInfo).port}`]);
    return this;
  }

  /** First this answer, the next time the next one. */
  says(name: string, ...answers: string[][]) {
    this.names.set(name, answers);
  }

  /** For `SafeHttp` and `Egress`. Literal addresses are themselves, as for `dns.lookup`. */
  readonly resolve: Resolve = (hostname, _options, done) => {
    if (isIPv4(hostname)) return done(null, [{ address: hostname, family: 4 }]);
    this.resolver.resolve4(hostname, (error, addresses) => done(error, (addresses ?? []).map((address): LookupAddress => ({ address, family: 4 }))));
  };

  close() {
    return new Promise<void>((closed) => this.socket.close(() => closed()));
  }

  private answer(packet: Buffer): Buffer {
    const { name, end } = nameIn(packet);
    this.asked.push(name);
    const answers = this.names.get(name) ?? [[]];
    const now = answers.length > 1 ? answers.shift()! : answers[0]!;
    const header = Buffer.from(packet.subarray(0, HEADER_BYTES));
    header.writeUInt16BE(now.length ? 0x8180 : 0x8183, 2); // an answer, or: no such name
    header.writeUInt16BE(now.length, 6);
    header.writeUInt32BE(0, 8);
    return Buffer.concat([header, packet.subarray(HEADER_BYTES, end + 4), ...now.map(record)]);
  }
}

function nameIn(packet: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (; packet[at]; at += packet[at]! + 1) labels.push(packet.toString('latin1', at + 1, at + 1 + packet[at]!));
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

/** The name is that of the question (a pointer to byte 12). */
const record = (address: string) => Buffer.from([0xc0, HEADER_BYTES, 0, A, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]);
