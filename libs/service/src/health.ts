import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { Alarm } from './alarm.js';
import type { Broker } from './broker.js';
import type { Hearing } from './hearing.js';

/** What health and metrics look at. */
export type Parts = { db: DataSource; broker: Broker; hearings: Hearing[]; alarm: Alarm; draining(): boolean; handles: boolean };

/** Metrics of this process; services register their own here. */
export const metrics = new Registry();

/** /livez, /readyz, /readyz/accept, /startupz and /metrics (OPS-2). */
export function serveHealth(http: FastifyInstance, parts: Parts) {
  const loop = monitorEventLoopDelay({ resolution: 20 });
  loop.enable();
  http.get('/livez', (_, reply) => {
    const lagMs = Math.round(loop.percentile(99) / 1e6);
    loop.reset();
    void reply.code(lagMs < 2000 ? 200 : 503).send({ status: lagMs < 2000 ? 'alive' : 'stalled', lagMs });
  });
  http.get('/readyz', async (_, reply) => {
    const capabilities = await look(parts);
    const ready = Object.values(capabilities).every((state) => state === 'ok');
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', capabilities });
  });
  http.get('/readyz/accept', async (_, reply) => {
    const capabilities = { http: parts.draining() ? 'draining' : 'ok', database: await databaseState(parts.db) };
    const ready = Object.values(capabilities).every((state) => state === 'ok');
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', capabilities });
  });
  http.get('/startupz', async (_, reply) => {
    const pending = await parts.db.showMigrations().catch(() => true);
    return reply.code(pending ? 503 : 200).send({ status: pending ? 'schema is older than this release: run the migrations' : 'started' });
  });
  registerMetrics(parts);
  http.get('/metrics', async (_, reply) => reply.header('content-type', metrics.contentType).send(await metrics.metrics()));
}

async function look({ db, broker, hearings, draining, handles }: Parts): Promise<Record<string, string>> {
  const database = await databaseState(db);
  const reachable = database !== 'ok' ? `waits for Postgres` : broker.connected ? 'ok' : 'waits for NATS';
  return {
    http: draining() ? 'draining' : 'ok',
    database,
    ...(handles && { rpc: reachable }),
    ...(hearings.length > 0 && { hear: hearings.some((hearing) => hearing.rewound) ? `stopped: log of ${hearings.find((h) => h.rewound)!.source} was rewound` : reachable }),
  };
}

const databaseState = (db: DataSource) => db.query('SELECT 1').then(() => 'ok', () => 'does not answer');

function registerMetrics({ hearings, broker, alarm }: Parts) {
  metrics.clear();
  collectDefaultMetrics({ register: metrics });
  gauge('log_cursor_lag', 'Facts of a source not yet heard', ['source'], (set) => { for (const h of hearings) set({ source: h.source }, h.lag().reduce((a, b) => a + b, 0)); });
  gauge('log_rewind_stopped', 'Sources whose log was rewound', [], (set) => set({}, hearings.filter((h) => h.rewound).length));
  gauge('log_gap_reads_total', 'Reads of what a push did not bring', ['source'], (set) => { for (const h of hearings) set({ source: h.source }, h.counts.gapReads); });
  gauge('log_push_applied_total', 'Facts that took effect', ['source'], (set) => { for (const h of hearings) set({ source: h.source }, h.counts.applied); });
  gauge('log_parked_total', 'Facts parked as dead letters', ['source'], (set) => { for (const h of hearings) set({ source: h.source }, h.counts.parked); });
  gauge('nats_reconnects_total', 'Times the broker came back', [], (set) => set({}, broker.reconnects));
  gauge('sched_rung_total', 'Timers rung', [], (set) => set({}, alarm.counts.rung));
  gauge('sched_swept_total', 'Timers the sweep had to find', [], (set) => set({}, alarm.counts.swept));
}

function gauge(name: string, help: string, labelNames: string[], collect: (set: (labels: Record<string, string>, value: number) => void) => void) {
  new Gauge({ name: `parley_${name}`, help, labelNames, registers: [metrics], collect() { collect((labels, value) => this.set(labels, value)); } });
}
