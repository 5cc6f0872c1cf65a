import { lookup } from 'node:dns/promises';
import { ForbiddenTarget, type SafeHttp } from '@parley/service/http';

/**
 * Where a mail server that an account names really is: it must be public like any other target, and is reached at the very address that was looked at
 * (security.md 8). @throws ForbiddenTarget; or what the look-up throws
 */
export async function publicAddress(host: string, http: Pick<SafeHttp, 'mayConnect'>): Promise<string> {
  const addresses = await lookup(host, { all: true });
  if (addresses.length === 0 || !addresses.every(({ address }) => http.mayConnect(address))) throw new ForbiddenTarget('The mail server has a private address');
  return addresses[0]!.address;
}
