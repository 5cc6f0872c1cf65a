import type { Identifier } from '@parley/contracts/channels';
import type { ConsentReport, Failure } from '../adapter.js';

/** A sender that is no number (alphanumeric, short code) is kept as it is: nobody can be answered there (TKT-11). Null: there is none. */
export function identify(sender: string): Identifier | null {
  if (!sender.trim()) return null;
  return /^\+[1-9]\d{6,14}$/.test(sender) ? { type: 'phone', value: sender, verified: true } : { type: 'alnum', value: sender.slice(0, 512), verified: false };
}

/** The provider sends this person nothing more (PRO-2). */
export const optedOut = (identifier: Identifier, provider: string, failure: Failure): ConsentReport => ({
  kind: 'consent',
  identifier,
  kinds: ['sms_marketing', 'sms_transactional'],
  state: 'revoked',
  source: 'provider',
  evidence: `${provider} ${failure.code}: ${failure.reason}`,
});

/** Our own id of a message, as it stands in the address of its callback. */
export const referenceIn = (url: string): string | null => /[?&]ref=([0-9a-f-]{36})(&|$)/.exec(url)?.[1] ?? null;

/** An object; whatever else the bytes are, an empty one. */
export function jsonIn(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
