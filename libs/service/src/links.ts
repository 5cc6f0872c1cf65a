import { hkdfSync } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { z } from 'zod';

const CLAIMS = { issuer: 'parley', audience: 'parley-file' };
/** Whose link it is: a signed-in person, a program, the visitor of a chat, or a provider who fetches what is to be sent. */
const Bearer = z.object({ file: z.uuid(), account: z.uuid(), kind: z.enum(['session', 'key', 'chat', 'provider']), holder: z.string() });
export type Bearer = z.infer<typeof Bearer>;

/** Tokens in links to files: sealed (A256GCM), for one file and one holder, good for a few minutes (security.md 6). Services with one PARLEY_SECRET_KEY read each other’s. */
export class FileLinks {
  private readonly key: Uint8Array;

  constructor(secretKey: string) {
    this.key = new Uint8Array(hkdfSync('sha256', Buffer.from(secretKey, 'base64'), '', 'parley file link', 32));
  }

  /** @param seconds how long it is good for */
  async make(bearer: Bearer, seconds: number): Promise<{ token: string; expiresAt: string }> {
    const expires = Math.floor(Date.now() / 1000) + seconds;
    const token = await new EncryptJWT(bearer).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).setIssuer(CLAIMS.issuer).setAudience(CLAIMS.audience).setExpirationTime(expires).encrypt(this.key);
    return { token, expiresAt: new Date(expires * 1000).toISOString() };
  }

  /** Null for whatever is not one of ours, or no longer good. */
  async open(token: string): Promise<Bearer | null> {
    try {
      const { payload } = await jwtDecrypt(token, this.key, { ...CLAIMS, keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'], requiredClaims: ['exp'] });
      return Bearer.safeParse(payload).data ?? null;
    } catch {
      return null;
    }
  }
}
