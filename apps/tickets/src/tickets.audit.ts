import { auditEvents } from '@parley/contracts/audit';
import { recordChange } from '@parley/service/audit';
import type { Tx } from '@parley/service/tx';

type Thing = { id: string };

/**
 * Tells the audit log that something of the desk was made, changed or removed (ACC-6): null stands for what is not there. The caller leaves out
 * whatever may hold words of a customer, as the log is never changed.
 */
export function recordThing<T extends Thing>(tx: Tx, kind: string, before: T | null, after: T | null): void {
  const { id } = (after ?? before) as T;
  const what = before ? (after ? 'updated' : 'removed') : 'created';
  recordChange(tx, auditEvents.tickets, { action: `${kind}.${what}`, resource: `${kind}/${id}`, before, after });
}

/** As it was kept, but for what people typed to look for somebody. */
export const withoutWords = <T>(kept: T, words: readonly string[]): T => JSON.parse(JSON.stringify(kept, (name, value: unknown) => (words.includes(name) ? undefined : value))) as T;
