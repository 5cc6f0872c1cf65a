import type { Output } from '@parley/contracts/contract';
import type { reports } from '@parley/contracts/reports';
import type { Bucket } from './buckets.rules.js';

type Value = Output<typeof reports.report>['total'];
type Row = Value & { bucket: number | null; group: string | null };
type Point = Output<typeof reports.report>['points'][number];

const NONE: Value = { count: 0, mean: null, median: null, p90: null };

/** Rows of the database as a report: the total, and the points in order. Without groups a bucket in which nothing happened is a point, too. */
export function arrange(rows: readonly Row[], cut: readonly Bucket[], grouped: boolean): { total: Value; points: Point[] } {
  const total = rows.find((row) => row.bucket === null);
  const found = rows.filter((row) => row.bucket !== null);
  const points = cut.flatMap(({ from, to }, index) => {
    const here = found.filter((row) => row.bucket === index + 1);
    const shown = here.length || grouped ? here : [{ ...NONE, group: null }];
    return shown.map((row) => ({ from: iso(from), to: iso(to), group: row.group, value: valueOf(row) }));
  });
  return { total: total ? valueOf(total) : NONE, points };
}

const iso = (instant: number) => new Date(instant).toISOString();
const valueOf = ({ count, mean, median, p90 }: Value): Value => ({ count, mean: rounded(mean), median: rounded(median), p90: rounded(p90) });
/** To milliseconds: finer than the clocks are. */
const rounded = (seconds: number | null) => (seconds === null ? null : Math.round(seconds * 1000) / 1000);

/** The place in a list after which the next page goes on: opaque to those who ask. */
export const cursorOf = (place: { at: Date; id: string }) => Buffer.from(`${place.at.getTime()} ${place.id}`).toString('base64url');

/** Undefined where the text is no cursor. */
export function placeOf(cursor: string): { at: Date; id: string } | undefined {
  const [, at, id] = /^(\d{1,15}) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  return at && id ? { at: new Date(Number(at)), id } : undefined;
}
