import type { DeliveryState } from '@parley/contracts/channels';

/** Rank of the delivery states: what is known of a message only ever rises, whatever order the reports arrive in (TKT-8). */
export const RANK = { queued: 0, sent: 1, failed: 2, delivered: 3, read: 4 } as const satisfies Record<DeliveryState, number>;

type Delivery<F> = { state: DeliveryState; failure: F | null };

/**
 * What holds after a report, or null where it says nothing new. A delivery after a failure wins and the failure stays
 * beside it as a note; a failure after a delivery changes nothing.
 */
export function reported<F>(known: Delivery<F>, report: Delivery<F>): Delivery<F> | null {
  if (RANK[report.state] <= RANK[known.state]) return null;
  return { state: report.state, failure: report.failure ?? known.failure };
}
