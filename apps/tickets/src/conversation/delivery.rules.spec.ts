import { describe, expect, it } from '@jest/globals';
import { DeliveryState } from '@parley/contracts/channels';
import fc from 'fast-check';
import { RANK, reported } from './delivery.rules.js';

const order = ['queued', 'sent', 'failed', 'delivered', 'read'] as const;
const failure = { code: '30003', reason: 'Unreachable handset' };
const report = (state: DeliveryState) => ({ state, failure: state === 'failed' ? failure : null });

describe('delivery states', () => {
  it.each(order.flatMap((known, k) => order.map((next, n) => ({ known, next, holds: n > k ? next : known }))))(
    'TKT-8 $known, then $next: $holds',
    ({ known, next, holds }) => {
      expect((reported(report(known), report(next)) ?? report(known)).state).toBe(holds);
    },
  );

  it('TKT-8 a delivery after a failure wins and the failure stays as a note', () => {
    expect(reported(report('failed'), report('delivered'))).toEqual({ state: 'delivered', failure });
  });

  it('TKT-8 whatever the order of the reports, the highest one holds', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...DeliveryState.options]), (states) => {
        const end = states.reduce((known, state) => reported(known, report(state)) ?? known, report('queued'));
        expect(RANK[end.state]).toBe(Math.max(0, ...states.map((state) => RANK[state])));
      }),
    );
  });
});
