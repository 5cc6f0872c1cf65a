import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { HttpReply, Raw } from '../adapter.js';

/**
 * Does X-Hub-Signature-256 belong to these bytes? Over the bytes as they came: what is parsed and written again differs at the first escaped
 * character. Any of the secrets may have signed. https://developers.facebook.com/docs/graph-api/webhooks/getting-started
 */
export function isSignedByMeta({ body, headers }: Pick<Raw, 'body' | 'headers'>, appSecrets: readonly string[]): boolean {
  const given = /^sha256=([0-9a-f]{64})$/.exec(headers['x-hub-signature-256'] ?? '')?.[1];
  return given !== undefined && appSecrets.some((secret) => timingSafeEqual(createHmac('sha256', secret).update(body).digest(), Buffer.from(given, 'hex')));
}

/** Meta asks whether the address is ours, and hears its own challenge (META-1); null: it is not Meta that asks, or with a token of somebody else. */
export function handshakeOf({ url }: Pick<Raw, 'url'>, verifyToken: string): HttpReply | null {
  const asked = new URLSearchParams(url.split('?').slice(1).join('?'));
  const challenge = asked.get('hub.challenge') ?? '';
  if (asked.get('hub.mode') !== 'subscribe' || !/^[\w.-]{1,200}$/.test(challenge) || !isEqual(asked.get('hub.verify_token') ?? '', verifyToken)) return null;
  return { status: 200, contentType: 'text/plain', body: challenge };
}

/** Shows that whoever holds the token also holds the secret of its app. */
export const appSecretProof = (accessToken: string, appSecret: string) => createHmac('sha256', appSecret).update(accessToken).digest('hex');

const isEqual = (a: string, b: string) => timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
