import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { DATABASE, prepareDatabases } from './databases.js';
import { greet } from './ports.js';
import { forgetPostgres } from './postgres.js';
import { startServers, type Servers } from './servers.js';
import { until } from './waiting.js';

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const redis = async (servers: Servers, command: string) => (await greet(Number(new URL(servers.redis.url).port), `${command}\r\n`)).trim();

describe('our own servers', () => {
  let folder = '';
  let servers: Servers;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parley-servers-'));
    chmodSync(folder, 0o711);
    servers = await startServers({ folder, say: () => {} });
  });
  afterAll(async () => {
    await servers?.stop();
    forgetPostgres(folder);
    rmSync(folder, { recursive: true, force: true });
  });

  it('Postgres keeps what it has committed through an immediate end', async () => {
    const { url, child } = servers.postgres;
    const [settings] = await ask(url, "SELECT current_setting('fsync') f, current_setting('synchronous_commit') s, lower('ÄÖ') l");
    expect(settings).toEqual({ f: 'on', s: 'on', l: 'äö' });
    await ask(url, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
    await child?.kill();
    await expect(ask(url, 'SELECT 1')).rejects.toThrow();
    await child?.start();
    expect(await ask(url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('Redis refuses to forget, and keeps its data through a restart in good order', async () => {
    expect(await redis(servers, 'CONFIG GET maxmemory-policy')).toContain('noeviction');
    expect(await redis(servers, 'SET kept 7')).toBe('+OK');
    await servers.redis.child?.stop();
    await servers.redis.child?.start();
    expect(await redis(servers, 'GET kept')).toContain('7');
  });

  it('NATS comes back at its port after kill -9, as another process', async () => {
    const before = servers.nats.child?.pid;
    await servers.nats.child?.restart();
    expect(servers.nats.child?.pid).not.toBe(before);
    expect(await greet(Number(new URL(servers.nats.url).port), '')).toMatch(/^INFO/);
  });

  it('a frozen server does not answer; an awakened one does', async () => {
    servers.redis.child?.pause();
    await expect(redis(servers, 'PING')).rejects.toThrow('does not answer');
    servers.redis.child?.resume();
    await until(async () => (await redis(servers, 'PING')) === '+PONG', 'Redis answers again', 60_000);
  });

  it('the databases belong to a role that row-level security binds, however often they are prepared', async () => {
    await prepareDatabases(servers, 'not-a-secret-first');
    const { of, admin } = await prepareDatabases(servers, 'not-a-secret');
    const [role] = await ask(of.tickets, 'SELECT current_user u, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user');
    expect(role).toEqual({ u: 'parley', rolsuper: false, rolbypassrls: false });
    const owned = await ask(admin.tickets, "SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = 'parley' ORDER BY 1");
    expect(owned.map((row) => row.datname)).toEqual(Object.values(DATABASE).sort());
  });

  it('servers that run already are used and left alone', async () => {
    const second = await startServers({
      folder: join(folder, 'second'),
      say: () => {},
      use: { DATABASE_URL: servers.postgres.url, NATS_URL: servers.nats.url, REDIS_URL: servers.redis.url },
    });
    expect([second.postgres.child, second.nats.child, second.redis.child]).toEqual([undefined, undefined, undefined]);
    await second.stop();
    expect(await redis(servers, 'PING')).toBe('+PONG');
    expect(new URL(second.postgres.urlOf('parley_tickets')).pathname).toBe('/parley_tickets');
  });

  it('nothing runs after stop', async () => {
    const pids = [servers.postgres, servers.nats, servers.redis].map((server) => server.child?.pid ?? 0);
    await servers.stop();
    expect(pids.every((pid) => pid > 0 && !alive(pid))).toBe(true);
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
