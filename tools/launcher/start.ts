// npm start: the whole of Parley on this machine, with a demo account, until Ctrl-C. See --help.
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { seed, subscribe, type Seeded } from '../demo/seed.js';
import { welcome } from './banner.js';
import { watchChildren } from './child.js';
import { SERVICES, type ServiceName } from './databases.js';
import { untilSignal } from './foreground.js';
import { startStandIns } from './outside.js';
import { forgetPostgres } from './postgres.js';
import { findRunning, forgetRunning, stopLeftovers, writeRunning, type Running } from './running.js';
import { startSystem, type System } from './system.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const HELP = `npm start                              everything, with its data in .parley
npm start -- --replicas tickets=2      more of a service; may be given several times
npm start -- --reset                   forget all data first
DATABASE_URL, NATS_URL, REDIS_URL      use these servers instead of our own
PARLEY_LOG_LEVEL and other PARLEY_…    go to the services`;

const began = performance.now();
const say = (line: string) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`);
const folder = join(ROOT, '.parley');

try {
  await main(options());
} catch (error) {
  console.error(`\nParley could not start: ${(error as Error).message}`);
  process.exit(1);
}

function options(): { reset: boolean; replicas: Partial<Record<ServiceName, number>> } {
  const { values } = parseArgs({ options: { reset: { type: 'boolean' }, help: { type: 'boolean' }, replicas: { type: 'string', multiple: true } } });
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }
  const replicas = (values.replicas ?? []).map((given) => {
    const [name = '', count = ''] = given.split('=');
    if (!(SERVICES as readonly string[]).includes(name) || !/^([1-9]|1[0-6])$/.test(count)) {
      throw new Error(`--replicas ${given}: say for example --replicas tickets=2, with one of ${SERVICES.join(', ')} and 1 to 16.`);
    }
    return [name, Number(count)];
  });
  return { reset: values.reset ?? false, replicas: Object.fromEntries(replicas) as Partial<Record<ServiceName, number>> };
}

/** The account, and where the pretended Meta finds its webhooks. */
async function loadDemo(gatewayUrl: string, standInsUrl?: string): Promise<Seeded> {
  const demo = await seed(gatewayUrl);
  if (standInsUrl) await subscribe(standInsUrl, demo.channels);
  return demo;
}

async function main({ reset, replicas }: ReturnType<typeof options>): Promise<void> {
  const other = findRunning(folder);
  if (other) throw new Error(`it runs already, as process ${other.pid}${other.gatewayUrls ? `, at ${other.gatewayUrls[0]}` : ''}. Stop that one first (Ctrl-C in its terminal, or kill ${other.pid}).`);
  await stopLeftovers(folder, say);
  if (reset) forget();
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  let known: Omit<Running, 'processes'> = { pid: process.pid, startedAt: new Date().toISOString() };
  let children: Parameters<Parameters<typeof watchChildren>[0]>[0] = [];
  const note = () => writeRunning(folder, known, children);
  note();
  process.on('exit', () => forgetRunning(folder));
  watchChildren((now) => {
    children = now;
    note();
  });
  const abort = untilSignal();
  const giveUp = () => process.exit(130);
  abort.addEventListener('abort', giveUp);

  const outside = await startStandIns(join(folder, 'logs'), say);
  const { DATABASE_URL, NATS_URL, REDIS_URL } = process.env;
  const given = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('PARLEY_')));
  const env = { ...outside?.env, ...given };
  const system = await startSystem({ dataDir: folder, replicas, use: { DATABASE_URL, NATS_URL, REDIS_URL }, env, ports: { gateway: 3000, smtp: 2525 }, say });
  const { gatewayUrls, smtpPorts, databases, servers } = system;
  say('loading the demo account …');
  const demo = await loadDemo(gatewayUrls[0] ?? '', outside?.at.pageUrl).catch(async (error: Error) => {
    await system.stop();
    throw new Error(`the demo account could not be loaded: ${error.message}`);
  });
  known = { ...known, gatewayUrls, smtpPorts, standIns: outside?.at, databases, natsUrl: servers.nats.url, redisUrl: servers.redis.url };
  note();
  say('ready');
  console.log(welcome({ gatewayUrls, smtpPorts, standIns: outside?.at, demo, folder }));

  abort.removeEventListener('abort', giveUp);
  if (!abort.aborted) await once(abort, 'abort');
  say('stopping (a second Ctrl-C does not wait for the services) …');
  hurryOnSecond(system);
  await system.stop();
  await outside?.child.stop();
  say('stopped; the data is kept');
  process.exit(0);
}

/** One Ctrl-C reaches us up to three times: from the terminal, from npm, and from the bootstrap. A second one comes later. */
function hurryOnSecond(system: System): void {
  const first = performance.now();
  process.on('SIGINT', () => performance.now() - first > 1_000 && system.processes.forEach((one) => void one.kill()));
}

/** Our own data only: databases on a server of somebody else's stay. */
function forget(): void {
  say('forgetting all data …');
  forgetPostgres(folder);
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
  if (process.env.DATABASE_URL) say('the databases at DATABASE_URL stay: drop them there if they shall go too');
}
