import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findServers, type ServerName } from './binaries.js';
import { makeChild, type Child } from './child.js';
import { freePort, greet } from './ports.js';
import { preparePostgres } from './postgres.js';

/** One server. Those that were running already (`child` undefined) are left as they are. */
export interface Server {
  url: string;
  child?: Child;
}

/** The three servers Parley stands on. */
export interface Servers {
  /** `url` is the administrator's, database postgres; `urlOf` the same for another database. */
  postgres: Server & { urlOf(database: string): string };
  nats: Server;
  redis: Server;
  /** Stops what was started here, in the reverse order. */
  stop(): Promise<void>;
}

/** Servers to use instead of our own. An administrator's URL for Postgres: role and databases are made with it. */
export interface ExistingServers {
  DATABASE_URL?: string;
  NATS_URL?: string;
  REDIS_URL?: string;
}

/** What to start, where. */
export interface ServersPlan {
  /** For data and logs; made when it is missing. */
  folder: string;
  say: (line: string) => void;
  /** Servers that run already, by the names of the environment variables; none unless told. */
  use?: ExistingServers;
  /** Ports to prefer, so that a restarted system is found where it was. */
  ports?: { postgres?: number; nats?: number; redis?: number };
}

/** Brings up Postgres, NATS and Redis on free loopback ports, but for those that run already. */
export async function startServers({ folder, say, use = {}, ports = {} }: ServersPlan): Promise<Servers> {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const wanted: ServerName[] = [];
  if (!use.NATS_URL) wanted.push('nats-server');
  if (!use.REDIS_URL) wanted.push('redis-server');
  const programs = findServers(wanted, say);
  const children: Child[] = [];
  const stop = async () => {
    await Promise.all(children.map((child) => child.stop()));
  };
  try {
    const postgres = use.DATABASE_URL ? existing(use.DATABASE_URL) : await ownPostgres(folder, say, ports.postgres);
    const nats = use.NATS_URL ? { url: use.NATS_URL } : await ownNats(programs['nats-server'], folder, ports.nats);
    const redis = use.REDIS_URL ? { url: use.REDIS_URL } : await ownRedis(programs['redis-server'], folder, ports.redis);
    children.push(...[postgres, nats, redis].flatMap((server: Server) => server.child ?? []));
    await Promise.all(children.map((child) => child.start()));
    return { postgres, nats, redis, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function existing(url: string): Servers['postgres'] {
  const urlOf = (database: string) => Object.assign(new URL(url), { pathname: `/${database}` }).toString();
  return { url, urlOf };
}

async function ownPostgres(folder: string, say: (line: string) => void, preferred?: number): Promise<Servers['postgres']> {
  const { child, adminUrl } = await preparePostgres(folder, await freePort(preferred), say);
  return { url: adminUrl(), urlOf: adminUrl, child };
}

async function ownNats(program: string, folder: string, preferred?: number): Promise<Server> {
  const port = await freePort(preferred);
  const child = makeChild({
    name: 'nats-server',
    program,
    args: ['--addr', '127.0.0.1', '--port', String(port)],
    log: join(folder, 'nats.log'),
    ready: async () => (await greet(port, '')).startsWith('INFO'),
  });
  return { url: `nats://127.0.0.1:${port}`, child };
}

async function ownRedis(program: string, folder: string, preferred?: number): Promise<Server> {
  const port = await freePort(preferred);
  const data = join(folder, 'redis');
  mkdirSync(data, { recursive: true });
  const settings = { bind: '127.0.0.1', port, dir: data, appendonly: 'yes', appendfsync: 'everysec', 'maxmemory-policy': 'noeviction', daemonize: 'no' };
  const child = makeChild({
    name: 'redis-server',
    program,
    args: [...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]), '--save', ''],
    log: join(folder, 'redis.log'),
    ready: async () => (await greet(port, 'PING\r\n')).startsWith('+PONG'),
  });
  return { url: `redis://127.0.0.1:${port}`, child };
}
