import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
const ID = 8;
const SECRET = 32;
/** Random bytes that a key needs: five bits of each are used, so the secret holds 160 bits. */
export const KEY_BYTES = ID + SECRET;

/** ACC-3: `plk_live_<8 id>_<32 random>_<crc>`. The check sum lets scanners and the gateway tell a key from a typo without asking the database. */
export function composeKey(mode: 'live' | 'test', bytes: Uint8Array): string {
  const letters = Array.from(bytes, (byte) => LETTERS[byte & 31]).join('');
  const body = `plk_${mode}_${letters.slice(0, ID)}_${letters.slice(ID, KEY_BYTES)}`;
  return `${body}_${checksum(body)}`;
}

/** Could this be one of our keys? */
export function isKey(text: string): boolean {
  const parts = /^(plk_(?:live|test)_[a-z2-7]{8}_[a-z2-7]{32})_([0-9a-f]{8})$/.exec(text);
  return parts !== null && checksum(parts[1]!) === parts[2];
}

/** What a key is recognised by in lists. */
export const prefixOf = (key: string) => key.slice(0, 'plk_live_'.length + ID);

/** How secrets of 160 bits and more are kept: too long to guess, so a plain hash is enough. */
export const hashOf = (secret: string) => createHash('sha256').update(secret).digest();

const checksum = (text: string) => crc32(text).toString(16).padStart(8, '0');
