import { z } from 'zod';
import { ChannelType } from './channels.js';
import { Id, Instant, PageInput, TimeZone, page, request } from './contract.js';

export const MetricName = z.enum(['ticket-volume', 'first-response-time', 'resolution-time', 'first-resolution-time', 'replies', 'closes']).meta({ id: 'MetricName' });
export type MetricName = z.infer<typeof MetricName>;

/** REP-2: what a number means. */
export const Metric = z
  .object({
    name: MetricName, version: z.int().positive(), unit: z.enum(['tickets', 'seconds', 'messages']), summary: z.string(),
    starts: z.string().describe('What starts the clock, or what is counted'), stops: z.string().nullable(), actors: z.string().describe('Whose acts count'), credit: z.string().describe('To whom it is credited'),
    countedAt: z.string().describe('Which instant decides the interval a value falls into'),
  })
  .meta({ id: 'Metric' });

const Value = z.object({ count: z.int(), mean: z.number().nullable(), median: z.number().nullable(), p90: z.number().nullable() }).meta({ id: 'MetricValue' });
const Selection = {
  metric: MetricName,
  from: Instant,
  to: Instant.describe('Exclusive'),
  timezone: TimeZone.default('UTC'),
  channel: ChannelType.optional(),
  agentId: Id.optional(),
};

export const reports = {
  catalogue: request({
    subject: 'reporting.metric.list', http: 'GET /v1/reports/catalogue', scope: 'reports:read', summary: 'Every metric and its definition (REP-2)',
    input: z.strictObject({}), output: z.object({ items: z.array(Metric), nextCursor: z.null() }), errors: [],
  }),
  report: request({
    subject: 'reporting.metric.report', http: 'GET /v1/reports/:metric', scope: 'reports:read', summary: 'A metric over [from, to), by interval and group (REP-4)',
    input: z.strictObject({ ...Selection, interval: z.enum(['hour', 'day', 'week', 'month']).optional(), groupBy: z.enum(['channel', 'agent']).optional() }),
    output: z.object({
      metric: Metric, from: Instant, to: Instant, timezone: TimeZone, total: Value,
      points: z.array(z.object({ from: Instant, to: Instant, group: z.string().nullable(), value: Value })).describe('By interval and group; intervals without a value are given with count 0 when not grouped'),
    }).meta({ id: 'Report' }),
    errors: ['METRIC_NOT_FOUND'],
  }),
  drillDown: request({
    subject: 'reporting.metric.tickets', http: 'GET /v1/reports/:metric/tickets', scope: 'reports:read', summary: 'The tickets behind a number (REP-5)',
    input: z.strictObject({ ...Selection, ...PageInput }),
    output: page(z.object({ ticketId: Id, number: z.int(), channel: ChannelType, agentId: Id.nullable(), at: Instant, value: z.number().nullable() }).meta({ id: 'ReportedTicket' })),
    errors: ['METRIC_NOT_FOUND'],
  }),
};
