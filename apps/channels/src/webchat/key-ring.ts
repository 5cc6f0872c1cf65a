import { ContractError } from '@parley/contracts/errors';
import { errorFields, logger } from '@parley/service/logging';
import { createLocalJWKSet, errors, type CryptoKey, type FlattenedJWSInput, type JSONWebKeySet, type JWSHeaderParameters } from 'jose';

type Known = { keys: ReturnType<typeof createLocalJWKSet> | null; fetchedAt: number; triedAt: number; loading: Promise<void> | null };

/** How long keys are used without looking again, and how long they are where nobody answers. */
const FRESH_MS = 10 * 60_000;
const STALE_MS = 60 * 60_000;
/** Whatever strangers name as their key, a brand's server is asked at most this often. */
const PAUSE_MS = 30_000;
const REMEMBERED = 1000;

/** Public keys of the brands' servers, by URL (RFC 7517): fetched when they are needed, and again when a token names one that is not among them. */
export class KeyRing {
  private readonly known = new Map<string, Known>();

  /** @param fetch gives the document behind a URL; `now`: any clock in milliseconds that only goes forward */
  constructor(private readonly fetch: (url: string) => Promise<unknown>, private readonly now = () => performance.now()) {}

  /** The key that a token says it was signed with. @throws jose's JWKSNoMatchingKey and kin; ContractError UNAVAILABLE where the keys cannot be had */
  async key(url: string, header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    const known = this.of(url);
    const age = this.now() - known.fetchedAt;
    if (!known.keys || age > FRESH_MS) await this.load(url, known);
    const keys = this.usable(known);
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !(await this.load(url, known))) throw error;
      return this.usable(known)(header, token);
    }
  }

  private usable({ keys, fetchedAt }: Known) {
    if (!keys || this.now() - fetchedAt > STALE_MS) throw new ContractError('UNAVAILABLE', 'The keys of the brand’s server cannot be had');
    return keys;
  }

  /** Fetches unless that was tried just before; whoever comes meanwhile waits for the same answer. True if something was fetched. */
  private async load(url: string, known: Known): Promise<boolean> {
    if (!known.loading && this.now() - known.triedAt < PAUSE_MS) return false;
    known.loading ??= this.refill(url, known).finally(() => (known.loading = null));
    await known.loading;
    return true;
  }

  private async refill(url: string, known: Known) {
    known.triedAt = this.now();
    try {
      known.keys = createLocalJWKSet((await this.fetch(url)) as JSONWebKeySet);
      known.fetchedAt = this.now();
    } catch (error) {
      logger.warn({ ...errorFields(error), host: new URL(url).host }, 'identity keys not fetched');
    }
  }

  private of(url: string): Known {
    const known = this.known.get(url) ?? { keys: null, fetchedAt: -Infinity, triedAt: -Infinity, loading: null };
    if (!this.known.has(url) && this.known.size >= REMEMBERED) this.known.delete(this.known.keys().next().value!);
    this.known.set(url, known);
    return known;
  }
}
