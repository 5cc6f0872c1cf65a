import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What one installation keeps to itself; made once. */
export interface Keys {
  /** Ed25519: the gateway signs on whose behalf a request is made (PKCS#8 DER, base64); the services verify (SPKI DER, base64). */
  actorPrivateKey: string;
  actorPublicKey: string;
  /** 32 bytes, base64: encrypts credentials, makes MACs. */
  secretKey: string;
  databasePassword: string;
}

/** Reads keys.json of the folder, or writes it, readable by its owner alone. */
export function keysOf(folder: string): Keys {
  const file = join(folder, 'keys.json');
  if (!existsSync(file)) writeFileSync(file, `${JSON.stringify(makeKeys(), null, 2)}\n`, { mode: 0o600 });
  return JSON.parse(readFileSync(file, 'utf8')) as Keys;
}

/** Fresh ones. */
export function makeKeys(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    actorPrivateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    actorPublicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    secretKey: randomBytes(32).toString('base64'),
    databasePassword: randomBytes(18).toString('base64url'),
  };
}
