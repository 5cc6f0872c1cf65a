import { describe, expect, it } from '@jest/globals';
import { expectedOrders, expectedValue, probabilityAlive, weeksToNextOrder } from './predictions.rules.js';

const regular = { repeats: 10, lastAfterWeeks: 50, ageWeeks: 52 };
const gone = { repeats: 10, lastAfterWeeks: 20, ageWeeks: 52 };

describe('predictions', () => {
  it('PRO-4 the worked example of the model’s authors: 1.226 orders in 39 weeks', () => {
    // Fader, Hardie and Lee, Implementing the BG/NBD Model for Customer Base Analysis in Excel, 2005: customer 0001.
    expect(expectedOrders({ repeats: 2, lastAfterWeeks: 30.43, ageWeeks: 38.86 }, 39)).toBeCloseTo(1.226, 3);
  });

  it('PRO-4 who has only ordered once is still there in this model, and whoever is long silent is likely gone', () => {
    expect(probabilityAlive({ repeats: 0, lastAfterWeeks: 0, ageWeeks: 52 })).toBe(1);
    expect(probabilityAlive(regular)).toBeGreaterThan(0.9);
    expect(probabilityAlive(gone)).toBeLessThan(0.1);
    expect(expectedOrders(gone, 52)).toBeLessThan(expectedOrders(regular, 52) / 10);
  });

  it('PRO-4 more time brings more orders, and never less than none', () => {
    const within = [0, 1, 13, 52, 520].map((weeks) => expectedOrders(regular, weeks));
    expect(within[0]).toBeCloseTo(0, 9);
    expect([...within].sort((a, b) => a - b)).toEqual(within);
    expect(within.every(Number.isFinite)).toBe(true);
  });

  it.each<{ orders: number; value: number }>`
    rule       | orders  | value
    ${'PRO-4'} | ${0}    | ${35}
    ${'PRO-4'} | ${1}    | ${80.2}
    ${'PRO-4'} | ${10}   | ${97.3}
    ${'PRO-4'} | ${1000} | ${100}
  `('$rule after $orders orders of 100 each where the account has 35, the next is worth $value', ({ orders, value }) => {
    expect(expectedValue(orders, 100, 35)).toBeCloseTo(value, 1);
  });

  it('PRO-4 the next order is expected after about the usual interval', () => {
    expect(weeksToNextOrder(regular)).toBeCloseTo((4.414 + 52) / 9.243, 6);
  });
});
