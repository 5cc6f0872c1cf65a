import type { Receipt } from '../adapter.js';

/**
 * Asks the provider for one message after the other; the first one's id is the message's. Once something was taken nothing is repeated: where a later
 * piece cannot go, the message has failed and says how far it came.
 */
export async function inTurn(calls: readonly (() => Promise<Receipt>)[]): Promise<Receipt> {
  const also: string[] = [];
  let first: Extract<Receipt, { outcome: 'sent' }> | null = null;
  for (const [place, call] of calls.entries()) {
    const receipt: Receipt = first ? await call().catch((error: Error): Receipt => ({ outcome: 'unknown', reason: error.message })) : await call();
    if (receipt.outcome !== 'sent') return first ? partly(receipt, place, calls.length) : receipt;
    if (first) also.push(receipt.providerMessageId);
    first ??= receipt;
  }
  return also.length ? { ...first!, also } : first!;
}

function partly(receipt: Exclude<Receipt, { outcome: 'sent' }>, sent: number, all: number): Receipt {
  const why = receipt.outcome === 'refused' ? receipt.failure.reason : receipt.reason;
  return { outcome: 'refused', failure: { code: 'partly_sent', reason: `Only ${sent} of ${all} parts were sent: ${why}` }, class: receipt.outcome === 'refused' ? receipt.class : 'permanent' };
}
