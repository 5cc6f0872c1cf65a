import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeChild, type Child } from './child.js';
import { prepareDatabases, SERVICES, type Databases, type ServiceName } from './databases.js';
import { keysOf, type Keys } from './keys.js';
import { migrate } from './migrate.js';
import { freePort } from './ports.js';
import { startServers, type ExistingServers, type Servers } from './servers.js';

export { SERVICES, type ServiceName } from './databases.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What to run. Everything but the folder has a default. */
export interface SystemPlan {
  /** Data of the servers, keys and logs; made when it is missing, kept by stop(). */
  dataDir: string;
  /** How many of each service; 1 unless told. */
  replicas?: Partial<Record<ServiceName, number>>;
  /** Which services; all unless told. Databases are made and migrated for these alone. */
  services?: readonly ServiceName[];
  /** Servers that run already, instead of our own. */
  use?: ExistingServers;
  /** More variables. A PARLEY_ variable of SOME goes only to the services that know it. `envOf`: for one replica, over all others. */
  env?: NodeJS.ProcessEnv;
  envOf?: (service: ServiceName, replica: number) => NodeJS.ProcessEnv;
  /** Preferred ports of the first gateway, of its neighbours and of the mail listener; a free one is taken where it is in use. */
  ports?: { gateway?: number; smtp?: number; postgres?: number; nats?: number; redis?: number };
  /** Servers of ours that run already; stop() leaves them alone. */
  servers?: Servers;
  /** Start a service again when it ends unasked; false leaves it to the caller. Default true. */
  restartCrashed?: boolean;
  /** Folder of the built services; apps/ of this repository unless told. */
  appsDir?: string;
  /** Gets a line per step and per crash. */
  say?: (line: string) => void;
}

/** One running replica. kill(), pause() and start() again keep its ports. */
export interface SystemProcess extends Child {
  service: ServiceName;
  /** From 0. */
  replica: number;
  /** Base URL of its HTTP port: /livez, /readyz, /metrics, and the API at a gateway. */
  url: string;
  /** Port of the mail listener, in channels. */
  smtpPort?: number;
}

/** A whole Parley, running and ready. */
export interface System {
  gatewayUrls: string[];
  channelsUrls: string[];
  smtpPorts: number[];
  /** `of`: as the services see them. `admin`: past row-level security, for checks. */
  databases: Databases;
  keys: Keys;
  processes: SystemProcess[];
  servers: Servers;
  /** The running replicas of a service. */
  replicasOf(service: ServiceName): SystemProcess[];
  /** Services first, then servers; everything by its own process id. */
  stop(): Promise<void>;
}

/**
 * Servers, keys, databases, migrations, then the services, each a process of its own; resolves when every one answers /readyz.
 * Whatever was started is stopped again when a step fails; the error says which, with the end of its log.
 */
export async function startSystem(plan: SystemPlan): Promise<System> {
  const say = plan.say ?? (() => {});
  const services = plan.services ?? SERVICES;
  mkdirSync(join(plan.dataDir, 'logs'), { recursive: true, mode: 0o711 });
  say('starting Postgres, NATS and Redis …');
  const servers = plan.servers ?? (await startServers({ folder: plan.dataDir, say, use: plan.use, ports: plan.ports }));
  const processes: SystemProcess[] = [];
  const stop = async () => {
    await Promise.all(processes.map((process) => process.stop()));
    if (!plan.servers) await servers.stop();
  };
  try {
    const keys = keysOf(plan.dataDir);
    const databases = await prepareDatabases(servers, keys.databasePassword);
    const placed = await place(plan, services);
    const settings = (replica: Placed) => settingsOf(replica, { plan, servers, keys, databases, placed });
    say('migrating the databases …');
    const migrations = placed.filter(({ replica }) => replica === 0).map((replica) => migrate(mainOf(plan, replica.service), settings(replica)));
    await Promise.allSettled(migrations);
    await Promise.all(migrations);
    say(`starting ${placed.map(nameOf).join(', ')} …`);
    processes.push(...placed.map((replica) => makeProcess(plan, replica, settings(replica), say)));
    await Promise.all(processes.map((process) => process.start()));
    const urls = (service: ServiceName) => placed.filter((one) => one.service === service).map(({ url }) => url);
    return {
      gatewayUrls: urls('gateway'),
      channelsUrls: urls('channels'),
      smtpPorts: placed.flatMap(({ smtpPort }) => smtpPort ?? []),
      databases,
      keys,
      processes,
      servers,
      replicasOf: (service) => processes.filter((process) => process.service === service),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Placed {
  service: ServiceName;
  replica: number;
  port: number;
  url: string;
  smtpPort?: number;
}

/** Ports are given before anything starts, so that the services can be told of each other and come back to where they were. */
async function place({ replicas = {}, ports = {} }: SystemPlan, services: readonly ServiceName[]): Promise<Placed[]> {
  const placed: Placed[] = [];
  for (const service of services) {
    for (let replica = 0; replica < (replicas[service] ?? 1); replica += 1) {
      const port = await freePort(service === 'gateway' && ports.gateway ? ports.gateway + replica : undefined);
      const smtpPort = service === 'channels' ? await freePort(ports.smtp ? ports.smtp + replica : undefined) : undefined;
      placed.push({ service, replica, port, url: `http://127.0.0.1:${port}`, smtpPort });
    }
  }
  return placed;
}

interface Surroundings {
  plan: SystemPlan;
  servers: Servers;
  keys: Keys;
  databases: Databases;
  placed: Placed[];
}

/** Variables that some services know and the others refuse. */
const SOME: Record<string, readonly ServiceName[]> = {
  PARLEY_TWILIO_BASE_URL: ['channels'],
  PARLEY_TELNYX_BASE_URL: ['channels'],
  PARLEY_GRAPH_BASE_URL: ['channels'],
  PARLEY_GRAPH_VERSION: ['channels'],
  PARLEY_INSTAGRAM_GRAPH_BASE_URL: ['channels'],
  PARLEY_INBOUND_DOMAIN: ['channels'],
  PARLEY_OUTBOUND_SMTP_URL: ['channels', 'notifications'],
  PARLEY_EGRESS_ALLOW_CIDRS: ['gateway', 'channels', 'notifications'],
  PARLEY_SIGN_UP: ['gateway'],
};

/** The environment of one replica: a service refuses PARLEY_ variables it does not know, so each gets its own only. */
function settingsOf({ service, replica, port, smtpPort }: Placed, { plan, servers, keys, databases, placed }: Surroundings): NodeJS.ProcessEnv {
  const urls = (name: ServiceName) => placed.filter((one) => one.service === name).map(({ url }) => url);
  const own: Record<ServiceName, NodeJS.ProcessEnv> = {
    gateway: {
      PARLEY_ACTOR_PRIVATE_KEY: keys.actorPrivateKey,
      PARLEY_SECRET_KEY: keys.secretKey,
      PARLEY_PUBLIC_URL: urls('gateway')[0],
      PARLEY_CHANNELS_URLS: urls('channels').join(','),
      PARLEY_FILES_DIR: join(plan.dataDir, 'files'),
    },
    tickets: { PARLEY_SECRET_KEY: keys.secretKey },
    channels: { PARLEY_SECRET_KEY: keys.secretKey, PARLEY_PUBLIC_URL: urls('gateway')[0], PARLEY_SMTP_PORT: String(smtpPort), PARLEY_FILES_DIR: join(plan.dataDir, 'files') },
    notifications: { PARLEY_SECRET_KEY: keys.secretKey, PARLEY_PUBLIC_URL: urls('gateway')[0] },
    reporting: {},
  };
  const inherited = Object.entries(process.env).filter(([name]) => !/^(PARLEY_|TEST_|npm_|NX_|JEST_|NODE_OPTIONS$)/.test(name));
  const more = Object.entries(plan.env ?? {}).filter(([name]) => SOME[name]?.includes(service) ?? true);
  return {
    ...Object.fromEntries(inherited),
    NODE_ENV: 'production',
    DATABASE_URL: databases.of[service],
    NATS_URL: servers.nats.url,
    REDIS_URL: servers.redis.url,
    HOST: '127.0.0.1',
    PORT: String(port),
    PARLEY_ACTOR_PUBLIC_KEY: keys.actorPublicKey,
    ...own[service],
    ...Object.fromEntries(more),
    ...plan.envOf?.(service, replica),
  };
}

const nameOf = ({ service, replica }: { service: ServiceName; replica: number }) => (replica === 0 ? service : `${service}-${replica + 1}`);

function mainOf(plan: SystemPlan, service: ServiceName): string {
  const main = join(plan.appsDir ?? join(ROOT, 'apps'), service, 'dist', 'main.js');
  if (!existsSync(main)) throw new Error(`${main} is not there: build first (npm run build).`);
  return main;
}

/** One log per replica; what is older than 20 MB moves aside. */
function logOf(plan: SystemPlan, name: string): string {
  const file = join(plan.dataDir, 'logs', `${name}.log`);
  if (existsSync(file) && statSync(file).size > 20_000_000) renameSync(file, `${file}.old`);
  return file;
}

/** A crash loop is not fed: each restart within half a minute of the last waits twice as long, up to ten seconds. */
function makeProcess(plan: SystemPlan, placed: Placed, env: NodeJS.ProcessEnv, say: (line: string) => void): SystemProcess {
  const { service, replica, url, smtpPort } = placed;
  const name = nameOf(placed);
  let delayMs = 0;
  let lastCrash = -Infinity;
  let restart: NodeJS.Timeout | undefined;
  let wanted = true;
  const child = makeChild({
    name,
    program: process.execPath,
    // A small nursery costs little time and saves a fifth of the memory (docs/performance.md).
    args: ['--max-semi-space-size=4', mainOf(plan, service)],
    env,
    log: logOf(plan, name),
    ready: async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok,
    onCrash: crashed,
  });

  function crashed(how: string): void {
    if (plan.restartCrashed === false || !wanted) return;
    const now = performance.now();
    delayMs = now - lastCrash < 30_000 ? Math.min(10_000, Math.max(250, delayMs * 2)) : 0;
    lastCrash = now;
    say(`${name} ${how}; starting it again${delayMs > 0 ? ` in ${delayMs / 1000} s` : ''} (its log: ${child.log})`);
    restart = setTimeout(() => void comeBack(), delayMs);
  }

  async function comeBack(): Promise<void> {
    try {
      await child.start();
      say(`${name} is back`);
    } catch (error) {
      if (child.pid) say(`${name} runs, but is not ready: ${(error as Error).message}`);
      else crashed('did not come back');
    }
  }

  /** Whoever stops, kills or starts it by hand decides; a restart that was planned is off. */
  const byHand = (does: () => Promise<void>, running: boolean) => () => {
    clearTimeout(restart);
    wanted = running;
    return does();
  };
  const [start, stop, kill] = [byHand(child.start, true), byHand(child.stop, false), byHand(child.kill, false)];
  return Object.assign(child, { service, replica, url, smtpPort, start, stop, kill, restart: () => kill().then(start) });
}
