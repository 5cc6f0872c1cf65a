// npm run bench: what this machine and this code can do, as a table on stderr and as JSON on stdout. One of each service; the load
// generator runs on the same machine. Nothing here passes or fails by a duration; only a lost message makes it fail.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openBrand } from '../faults/brands.js';
import { forgetPostgres } from '../launcher/postgres.js';
import { startServers, type Servers } from '../launcher/servers.js';
import { startSystem, type System } from '../launcher/system.js';
import { measureCeiling } from './ceiling.js';
import { measureDesk } from './desk.js';
import { measureInbox } from './inbox.js';
import { measureLatency, measureSustained } from './inbound.js';
import { perMessage, usageOf, type Usage } from './processes.js';
import { measureSegments } from './segments.js';
import { countStatements, forgetStatements, topStatements } from './statements.js';
import { table } from './table.js';
import { openWindow } from './window.js';

const HELP = `npm run bench                     everything, about two minutes
  --parts abcde                    a ceiling, b sustained, c latency, d inbox, e memory and CPU (of b)
  --parts f --sizes 1000,100000    inbox, custom view and search in accounts of so many tickets, five messages each, and replies in the last of them; up to 1000000
  --parts g --profiles 100000      segments of an account of so many customers: computing them, their pages, a changed customer until they are in
  --seconds N                      of the measured stretch of a, b and c; 15 unless told
  --profile FOLDER                 writes a CPU profile of each service there, and what each SQL statement cost during b and c`;
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const REST_MS = 5000;

const { values } = parseArgs({ options: { parts: { type: 'string', default: 'abcde' }, seconds: { type: 'string', default: '15' }, profile: { type: 'string' }, sizes: { type: 'string', default: '1000,100000' }, profiles: { type: 'string', default: '100000' }, help: { type: 'boolean' } } });
if (values.help) console.log(HELP);
else await bench(values.parts, Number(values.seconds), values.profile);

async function bench(parts: string, seconds: number, profile?: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  chmodSync(folder, 0o711);
  if (profile) mkdirSync(profile, { recursive: true });
  const env = { PARLEY_LOG_LEVEL: 'warn', PARLEY_RATE_LIMIT_PER_MINUTE: '1000000', ...(profile && { NODE_OPTIONS: `--import=${new URL('./profiler.js', import.meta.url).href}`, PROFILE_FOLDER: resolve(profile) }) };
  let servers: Servers | undefined;
  let system: System | undefined;
  try {
    servers = await startServers({ folder, say });
    if (profile) await countStatements(servers);
    system = await startSystem({ dataDir: folder, servers, env, say });
    console.log(JSON.stringify(await measure(system, { parts, seconds, folder, profile })));
  } finally {
    await system?.stop();
    await servers?.stop();
    forgetPostgres(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

function say(line: string): void {
  console.error(line);
}

async function measure(system: System, { parts, seconds, folder, profile }: { parts: string; seconds: number; folder: string; profile?: string }) {
  const result: Record<string, unknown> = { cpus: cpus().length, cpu: cpus()[0]?.model, node: process.version, seconds };
  const url = system.gatewayUrls[0] ?? '';
  await pause(REST_MS);
  const rest = usageOf(system);
  const brand = await openBrand('bench', '+15005550006', [url]);
  const window = await openWindow(brand, url);
  const scene = { brand, window, url, seconds, rest };
  await profiled(system, profile, async () => {
    if (parts.includes('c')) await openLoop(system, scene, result);
    if (parts.includes('b')) await sustained(system, scene, result);
  });
  window.close();
  if (parts.includes('a')) {
    const ceiling = await measureCeiling(system, { appsDir: join(ROOT, 'apps'), folder, seconds, say });
    result.ceiling = ceiling;
    const inbound = result.sustained as { perSecond: number } | undefined;
    if (inbound) result.ratio = Math.round((inbound.perSecond / ceiling.perSecond) * 1000) / 1000;
    say(table('\n(a) message + ticket + log transactions a second, 8 clients', [{ ...ceiling, '(b) / (a)': result.ratio }]));
  }
  if (parts.includes('d')) {
    const inbox = await measureInbox(system);
    result.inbox = inbox;
    say(table('\n(d) first page of the inbox, milliseconds', inbox.sizes.map((size) => ({ ...size, ratio: inbox.ratio }))));
  }
  if (parts.includes('f')) {
    const desk = await measureDesk(system, { sizes: values.sizes.split(',').map(Number), rounds: 200, seconds, say });
    result.desk = desk;
    say(table('\n(f) pages and searches, milliseconds', desk.rows.map((row) => ({ ...row, ratio: desk.ratios[row.what] }))));
    say(table('\n(f) replies accepted, milliseconds from the intended moment', [desk.replies]));
    const { meanwhile, ...bulk } = desk.bulk;
    say(table('\n(f) closed by one bulk action, and replies meanwhile', [{ ...bulk, replyP50: meanwhile.p50, replyP99: meanwhile.p99 }]));
  }
  if (parts.includes('g')) {
    const found = await measureSegments(system, { count: Number(values.profiles), say });
    result.segments = found;
    say(table(`\n(g) segments of ${found.profiles} customers: seconds to compute, pages of members in milliseconds`, found.rows.map(({ page, ...row }) => ({ ...row, ...page }))));
    say(table('\n(g) a changed customer until they are in, milliseconds', [found.changed]));
  }
  return result;
}

async function profiled(system: System, profile: string | undefined, work: () => Promise<void>): Promise<void> {
  if (!profile) return work();
  const signal = () => system.processes.forEach(({ pid }) => process.kill(pid!, 'SIGUSR2'));
  await forgetStatements(system.servers);
  signal();
  await work();
  signal();
  writeFileSync(join(profile, 'statements.txt'), table('', await topStatements(system.servers)));
}

interface Scene {
  brand: Awaited<ReturnType<typeof openBrand>>;
  window: Awaited<ReturnType<typeof openWindow>>;
  url: string;
  seconds: number;
  rest: Usage[];
}

/** (c), at two rates. */
async function openLoop(system: System, { brand, window, url, seconds }: Scene, result: Record<string, unknown>): Promise<void> {
  const latencies: object[] = [];
  for (const perSecond of [50, 200]) {
    const before = usageOf(system);
    const latency = await measureLatency(brand, window, url, { perSecond, seconds, warmUpSeconds: 5 });
    const cpu = perMessage(before, usageOf(system), latency.sent);
    latencies.push({ ...latency, cpuMsPerMessage: cpu.at(-1)?.cpuMs });
    result[`cpuMsAt${perSecond}`] = Object.fromEntries(cpu.map(({ name, cpuMs }) => [name, cpuMs]));
  }
  result.latency = latencies;
  say(table('\n(c) webhook to frame, milliseconds from the intended moment', latencies));
}

/** (b), and (e) while it runs. */
async function sustained(system: System, { brand, window, url, seconds, rest }: Scene, result: Record<string, unknown>): Promise<void> {
  const before = usageOf(system);
  const inbound = await measureSustained(brand, window, url, { seconds, warmUpSeconds: 5, most: (seconds + 5) * 3000 });
  const after = usageOf(system);
  const { perSecond, sent, lost, refused } = inbound;
  result.sustained = { perSecond: Math.round(perSecond), sent, lost, refused };
  if (lost > 0) process.exitCode = 1;
  say(table('\n(b) text messages a second until visible', [result.sustained as object]));
  const cpu = perMessage(before, after, sent);
  result.processes = cpu.map(({ name, cpuMs }) => ({
    name, cpuMsPerMessage: cpuMs, restMb: rest.find((one) => one.name === name)?.residentMb ?? null, loadMb: after.find((one) => one.name === name)?.residentMb ?? null,
  }));
  say(table('\n(e) CPU milliseconds a message at (b); resident megabytes at rest and after (b)', result.processes as object[]));
}
