import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Seals credentials (AES-256-GCM) and makes message authentication codes, from the installation’s one secret key. */
export class Secrets {
  private readonly sealing: Buffer;
  private readonly signing: Buffer;

  /** @param key 32 bytes in base64 */
  constructor(key: string) {
    const master = Buffer.from(key, 'base64');
    this.sealing = Buffer.from(hkdfSync('sha256', master, '', 'parley seal', 32));
    this.signing = Buffer.from(hkdfSync('sha256', master, '', 'parley mac', 32));
  }

  /** Encrypts; the beginning names the key, so that keys can be changed later. */
  seal(text: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.sealing, nonce);
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return `k1.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`;
  }

  /** @throws when it was not sealed with this key, or was changed. */
  open(sealed: string): string {
    if (!sealed.startsWith('k1.')) throw new Error('sealed with another key');
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', this.sealing, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  }

  /** 128 bits over purpose and parts, as 26 characters of lower-case base32: survives mail systems that fold case. */
  mac(purpose: string, ...parts: string[]): string {
    const digest = createHmac('sha256', this.signing).update(JSON.stringify([purpose, ...parts])).digest();
    let bits = 0n;
    for (const byte of digest.subarray(0, 16)) bits = (bits << 8n) | BigInt(byte);
    bits <<= 2n;
    let out = '';
    for (let i = 0; i < 26; i++, bits >>= 5n) out = ALPHABET[Number(bits & 31n)] + out;
    return out;
  }

  /** Compares in constant time. */
  verifyMac(mac: string, purpose: string, ...parts: string[]): boolean {
    const right = Buffer.from(this.mac(purpose, ...parts));
    const given = Buffer.from(mac.toLowerCase());
    return given.length === right.length && timingSafeEqual(given, right);
  }
}
