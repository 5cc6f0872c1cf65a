import { createPublicKey, verify } from 'node:crypto';

/** How far Telnyx’s clock and ours may differ; an older delivery is a replay. */
export const TOLERANCE_SECONDS = 300;
/** What stands before the 32 bytes of an Ed25519 key in SPKI (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** Ed25519 over `timestamp|body`: https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks */
export function isSignedByTelnyx(request: { publicKey: string; signature: string; timestamp: string; body: Buffer; at: Date }): boolean {
  const { publicKey, signature, timestamp, body, at } = request;
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(at.getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const [key, bytes] = [Buffer.from(publicKey, 'base64'), Buffer.from(signature, 'base64')];
  if (key.length !== 32 || bytes.length !== 64) return false;
  return verify(null, Buffer.concat([Buffer.from(`${timestamp}|`), body]), createPublicKey({ key: Buffer.concat([SPKI, key]), format: 'der', type: 'spki' }), bytes);
}
