import { clock } from '@parley/contracts/clock';
import type { Envelope } from '@parley/contracts/events';
import { feed } from '@parley/contracts/feed';
import { reports, type MetricName } from '@parley/contracts/reports';
import { script } from './script.js';
import type { Stage } from './stage.js';
import { eventually } from './waiting.js';

/** The feed tells the day again, without a gap; the first numbers of the day. */
export async function reportAct(stage: Stage): Promise<void> {
  script.act('In the evening');
  const told = await wholeDay(stage);
  const heard = await eventually('everything on the agent’s socket', () => {
    const frames = stage.live.all.filter(({ sequence }) => sequence !== null && sequence <= (told.at(-1)?.sequence ?? 0));
    return frames.length >= told.length && frames;
  });
  const gapless = told.every(({ sequence }, at) => sequence === stage.feedStart + at + 1);
  const same = told.every(({ id }, at) => heard[at]?.id === id);
  if (!gapless || !same || heard.length !== told.length) throw new Error('the feed and the agent’s socket do not tell the same');
  script.came(`the feed tells the day again: ${told.length} events, the same as on the socket, without a gap`);

  const closes = told.filter(({ type }) => type === 'ticket.closed').length;
  const { now } = await stage.owner(clock.get, {});
  const range = { from: stage.beganAt.toISOString(), to: new Date(Date.parse(now) + 1000).toISOString(), timezone: 'Europe/Berlin' };
  const report = (metric: MetricName) => stage.owner(reports.report, { metric, ...range, groupBy: 'channel' });
  await eventually('the closes of the day in the report', async () => (await report('closes')).total.count === closes);
  script.does('the owner looks at the first report');
  script.line(['metric', 'channel', 'count', 'median', 'p90'].map(column).join('').trimEnd());
  for (const metric of ['ticket-volume', 'first-response-time', 'resolution-time', 'replies', 'closes'] as const) {
    const { metric: definition, total, points } = await report(metric);
    const rows = [...points.map(({ group, value }) => ({ name: group ?? '', value })), { name: 'all', value: total }];
    for (const { name, value } of rows) script.line([metric, name, String(value.count), span(value.median, definition.unit), span(value.p90, definition.unit)].map(column).join('').trimEnd());
  }
  const opened = told.filter(({ type }) => type === 'ticket.created').length;
  const { total } = await report('ticket-volume');
  if (total.count !== opened) throw new Error(`the report counts ${total.count} tickets, the feed ${opened}`);
  script.came(`the report counts what happened: ${opened} tickets, ${closes} closes`);
}

async function wholeDay({ agent, feedStart }: Stage): Promise<Envelope[]> {
  const told: Envelope[] = [];
  for (let after = feedStart; ; ) {
    const { items, nextAfter } = await agent(feed.read, { after, limit: 500 });
    told.push(...items);
    if (items.length === 0) return told;
    after = nextAfter;
  }
}

const WIDTHS = [21, 10, 7, 11, 11];
const column = (text: string, at: number) => text.padEnd(WIDTHS[at] ?? 0);
const span = (value: number | null, unit: string) => (value === null || unit !== 'seconds' ? '' : value < 120 ? `${value.toFixed(1)} s` : `${(value / 60).toFixed(1)} min`);
