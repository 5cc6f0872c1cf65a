import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The target may not be reached: a private address, another scheme, user and password in the address. Never worth a second try. */
export class ForbiddenTarget extends Error {}

/** All addresses of a name; as `dns.lookup` unless a test brings a name server of its own. */
export type Resolve = (hostname: string, options: { all: true; family?: number }, done: (error: Error | null, addresses: LookupAddress[]) => void) => void;

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Everything that routers carry and we speak to begins like this; all else of IPv6 is somebody's own or stands for something else. */
const GLOBAL_IPV6: Range = ipaddr.parseCIDR('2000::/3');
/** Public by number, and answered by the host itself: Azure's instance metadata and its like. */
const FROM_INSIDE = ['168.63.129.16'];

/**
 * Which addresses may be reached from here (security.md 8): public ones, and what the operator allows. Names are judged by every address they lead to, and
 * the connection goes to an address that was judged: a name server that answers differently the next time changes nothing.
 */
export class Egress {
  private readonly allowed: Range[];

  /** @param allowCidrs such as `10.0.0.0/8`; empty strings are passed over */
  constructor(
    allowCidrs: readonly string[],
    private readonly resolve: Resolve = systemLookup as Resolve,
  ) {
    this.allowed = allowCidrs.map((cidr) => cidr.trim()).filter(Boolean).map((cidr) => ipaddr.parseCIDR(cidr));
  }

  /** Does the operator allow anything beside what is public? */
  get allowsAny(): boolean {
    return this.allowed.length > 0;
  }

  /** Is this address public, or explicitly allowed? One that stands for another one (mapped, translated, tunnelled) is public in no notation. */
  mayConnect(address: string): boolean {
    return this.isAllowed(address) || isPublic(address);
  }

  /** Does the operator name this address? Only such targets may be spoken to without TLS. */
  isAllowed(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    const ip = ipaddr.process(address);
    return this.allowed.some(([range, bits]) => ip.kind() === range.kind() && ip.match(range as never, bits));
  }

  /** For clients that look names up while they connect. `judge`: which addresses will do. */
  lookup(judge: (address: string) => boolean): LookupFunction {
    return (hostname, options, done) => {
      this.judged(hostname, judge, options.family === 4 || options.family === 6 ? options.family : 0).then(
        (addresses) => (options.all ? done(null, addresses as never) : done(null, addresses[0]!.address, addresses[0]!.family)),
        (error: NodeJS.ErrnoException) => done(error, '', 0),
      );
    };
  }

  /** For clients that must be told the very address (SMTP, IMAP). `host`: a name, or an address in any notation. @throws ForbiddenTarget; what the name server says */
  async address(host: string): Promise<LookupAddress> {
    const [first] = await this.judged(host.replace(/^\[|\]$/g, ''), (address) => this.mayConnect(address), 0);
    return first!;
  }

  private judged(hostname: string, judge: (address: string) => boolean, family: number): Promise<LookupAddress[]> {
    return new Promise((found, refused) => {
      this.resolve(hostname, { all: true, family }, (error, addresses) => {
        if (error) refused(error);
        else if (!addresses.length) refused(Object.assign(new Error(`${hostname} leads nowhere`), { code: 'ENOTFOUND' }));
        else if (!addresses.every(({ address }) => judge(address))) refused(new ForbiddenTarget('The name leads to a private address'));
        else found(addresses);
      });
    });
  }
}

function isPublic(address: string): boolean {
  if (address.includes('%') || !ipaddr.isValid(address)) return false;
  const ip = ipaddr.process(address);
  if (ip.range() !== 'unicast' || FROM_INSIDE.includes(ip.toString())) return false;
  return ip.kind() === 'ipv4' || ip.match(GLOBAL_IPV6 as never);
}
