import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forgetPostgres } from './postgres.js';
import { SERVICES, startSystem, type System } from './system.js';
import { until } from './waiting.js';

// A service for these tests: answers its own environment, leaves a file where it migrates, breaks when it is told to.
const SERVICE = `
  const { writeFileSync } = require('node:fs');
  if (process.argv.includes('--migrate')) {
    if (process.env.PARLEY_BREAK === 'migration') throw new Error('column "x" does not exist');
    writeFileSync(process.env.MARKS + '/' + new URL(process.env.DATABASE_URL).pathname.slice(1), '');
  } else {
    const server = require('node:http').createServer((request, answer) => answer.end(JSON.stringify(process.env)));
    server.listen(process.env.PORT, process.env.HOST);
    process.on('SIGTERM', () => server.close(() => { writeFileSync(process.env.MARKS + '/stopped-' + process.env.PORT, ''); process.exit(0); }));
  }
`;

describe('a system', () => {
  let folder = '';
  let system: System;
  const said: string[] = [];
  const plan = () => ({ dataDir: join(folder, 'data'), appsDir: join(folder, 'apps'), env: { MARKS: join(folder, 'marks') }, say: (line: string) => void said.push(line) });
  const settings = async (url: string) => (await (await fetch(url)).json()) as Record<string, string>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parley-system-'));
    chmodSync(folder, 0o711);
    mkdirSync(join(folder, 'marks'));
    for (const service of SERVICES) {
      mkdirSync(join(folder, 'apps', service, 'dist'), { recursive: true });
      writeFileSync(join(folder, 'apps', service, 'dist', 'main.js'), SERVICE);
    }
    system = await startSystem({
      ...plan(),
      replicas: { tickets: 2, gateway: 2 },
      env: { ...plan().env, PARLEY_TWILIO_BASE_URL: 'http://127.0.0.1:9' },
      envOf: (service, replica) => (service === 'tickets' && replica === 1 ? { MARK: 'the second' } : {}),
    });
  });
  afterAll(async () => {
    await system?.stop();
    forgetPostgres(join(folder, 'data'));
    rmSync(folder, { recursive: true, force: true });
  });

  it('every database is migrated once, then every replica runs as a process of its own', () => {
    expect(Object.values(system.databases.of).map((url) => existsSync(join(folder, 'marks', new URL(url).pathname)))).toEqual([true, true, true, true, true]);
    expect(system.processes.map(({ name }) => name)).toEqual(['gateway', 'gateway-2', 'tickets', 'tickets-2', 'channels', 'notifications', 'reporting']);
    expect(new Set(system.processes.map(({ pid }) => pid)).size).toBe(7);
    expect(system.gatewayUrls).toHaveLength(2);
    expect(system.smtpPorts).toHaveLength(1);
  });

  it('a service gets its own secrets and no others', async () => {
    const [gateway, tickets, channels] = await Promise.all(['gateway', 'tickets', 'channels'].map((name) => settings(system.processes.find((one) => one.name === name)?.url ?? '')));
    expect(gateway).toMatchObject({ PARLEY_CHANNELS_URLS: system.channelsUrls.join(','), PARLEY_ACTOR_PRIVATE_KEY: system.keys.actorPrivateKey });
    expect(tickets).not.toHaveProperty('PARLEY_ACTOR_PRIVATE_KEY');
    expect(tickets).not.toHaveProperty('PARLEY_TWILIO_BASE_URL');
    expect(channels).toMatchObject({ PARLEY_TWILIO_BASE_URL: 'http://127.0.0.1:9', PARLEY_SMTP_PORT: String(system.smtpPorts[0]) });
    expect(await settings(system.replicasOf('tickets')[1]?.url ?? '')).toMatchObject({ MARK: 'the second' });
    expect(statSync(join(folder, 'data', 'keys.json')).mode & 0o077).toBe(0);
  });

  it('a service that was killed from outside comes back at its port, and that is said', async () => {
    const [tickets] = system.replicasOf('tickets');
    const before = tickets?.pid ?? 0;
    process.kill(before, 'SIGKILL');
    await until(() => said.includes('tickets is back'), 'tickets comes back', 60_000);
    expect(said.find((line) => line.startsWith('tickets was ended by SIGKILL'))).toContain('logs/tickets.log');
    expect(tickets?.pid).not.toBe(before);
    expect((await fetch(tickets?.url ?? '')).ok).toBe(true);
  });

  it('a service that we kill stays away until we start it', async () => {
    const [reporting] = system.replicasOf('reporting');
    await reporting?.kill();
    await expect(fetch(reporting?.url ?? '')).rejects.toThrow();
    await reporting?.start();
    expect((await fetch(reporting?.url ?? '')).ok).toBe(true);
  });

  it('a frozen service does not answer until it is awakened', async () => {
    const [channels] = system.replicasOf('channels');
    channels?.pause();
    await expect(fetch(channels?.url ?? '', { signal: AbortSignal.timeout(300) })).rejects.toThrow();
    channels?.resume();
    expect((await fetch(channels?.url ?? '')).ok).toBe(true);
  });

  it('a migration that fails is told with its own words, and nothing is left running', async () => {
    const broken = startSystem({ ...plan(), dataDir: join(folder, 'broken'), env: { ...plan().env, PARLEY_BREAK: 'migration' } });
    await expect(broken).rejects.toThrow(/main.js --migrate ended with 1:[\s\S]*column "x" does not exist/);
    expect(existsSync(join(folder, 'broken', 'postgres', 'postmaster.pid'))).toBe(false);
  });

  it('everything stops in good order; the next start finds keys and data, and migrates only for a new build', async () => {
    const ports = system.processes.map(({ url }) => new URL(url).port);
    const pids = system.processes.map(({ pid }) => pid ?? 0);
    await system.stop();
    expect(ports.every((port) => existsSync(join(folder, 'marks', `stopped-${port}`)))).toBe(true);
    expect(pids.every((pid) => pid > 0 && !existsSync(`/proc/${pid}`))).toBe(true);
    const { secretKey } = system.keys;
    const marks = join(folder, 'marks');
    rmSync(join(marks, 'parley_access'));
    rmSync(join(marks, 'parley_tickets'));
    writeFileSync(join(folder, 'apps', 'tickets', 'dist', 'other.js'), '// a new build');
    system = await startSystem({ ...plan(), services: ['gateway', 'tickets'] });
    expect(['parley_access', 'parley_tickets'].map((name) => existsSync(join(marks, name)))).toEqual([false, true]);
    expect(system.keys.secretKey).toBe(secretKey);
    expect(system.processes).toHaveLength(2);
    expect(readFileSync(join(folder, 'data', 'keys.json'), 'utf8')).toContain(secretKey);
  });
});
