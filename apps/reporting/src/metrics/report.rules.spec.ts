import { expect, it } from '@jest/globals';
import { MetricName } from '@parley/contracts/reports';
import fc from 'fast-check';
import { CATALOGUE } from './catalogue.rules.js';
import { arrange, cursorOf, placeOf } from './report.rules.js';

const value = { count: 2, mean: 1.23456, median: 1, p90: 2 };
const cut = [{ from: 0, to: 10 }, { from: 10, to: 20 }];

it('REP-1 intervals without a value are points with count 0', () => {
  const { points } = arrange([{ bucket: null, group: null, ...value }, { bucket: 2, group: null, ...value }], cut, false);
  expect(points.map((point) => point.value.count)).toEqual([0, 2]);
});

it('REP-1 groups without a value are not listed', () => {
  const { points } = arrange([{ bucket: null, group: null, ...value }, { bucket: 2, group: 'sms', ...value }, { bucket: 2, group: null, ...value }], cut, true);
  expect(points.map(({ from, group }) => [from, group])).toEqual([['1970-01-01T00:00:00.010Z', 'sms'], ['1970-01-01T00:00:00.010Z', null]]);
});

it('the total is its own row; seconds are told to the millisecond', () => {
  expect(arrange([{ bucket: null, group: null, ...value }], cut, true).total).toEqual({ count: 2, mean: 1.235, median: 1, p90: 2 });
});

it('a cursor names a place, and nothing else is one', () => {
  fc.assert(fc.property(fc.date({ min: new Date(0), max: new Date('2999-01-01'), noInvalidDate: true }), fc.uuid(), (at, id) => expect(placeOf(cursorOf({ at, id }))).toEqual({ at, id })));
  fc.assert(fc.property(fc.string(), (text) => expect(placeOf(text)).toBeUndefined()));
});

it('REP-2 every metric is defined, under its own name', () => {
  expect(Object.entries(CATALOGUE).map(([name, metric]) => [name, metric.name])).toEqual(MetricName.options.map((name) => [name, name]));
});
