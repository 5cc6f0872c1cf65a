import type { auditEvents } from '@parley/contracts/audit';
import { announce, type Tx } from './tx.js';

type Fields = Record<string, unknown> | null;

/** Of two states only what differs. */
export function changesOf(before: object | null, after: object | null): { before: Fields; after: Fields } {
  const differs = (name: string) => JSON.stringify((before as Fields)?.[name]) !== JSON.stringify((after as Fields)?.[name]);
  const pick = (fields: object | null): Fields => fields && Object.fromEntries(Object.entries(fields).filter(([name]) => differs(name)));
  return { before: pick(before), after: pick(after) };
}

/**
 * Tells the audit log of a change, in its transaction (ACC-6); the gateway hears and keeps it. Nothing of a customer may stand in `before` and `after`:
 * the log is never changed, so erasure does not reach it. `event`: this service's of `auditEvents`.
 */
export function recordChange(
  tx: Tx, event: (typeof auditEvents)[keyof typeof auditEvents],
  { action, resource, before = null, after = null }: { action: string; resource: string; before?: object | null; after?: object | null },
) {
  announce(tx, event, { key: `audit/${tx.by.account}`, data: { action, resource, ...changesOf(before, after), address: tx.by.address ?? null } });
}
