import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { DATABASE, SERVICES } from '../launcher/databases.js';

// No container engine here: what OPS-1 and OPS-5 ask of docker-compose.yml and the Dockerfile is read from the files.
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Container {
  image?: string;
  build?: { dockerfile: string };
  user?: string;
  command?: string[];
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  restart?: string;
  ports?: string[];
  volumes?: string[];
  environment?: Record<string, string>;
  healthcheck?: { test?: string[]; disable?: boolean };
  depends_on?: Record<string, { condition: string }>;
  deploy?: { resources?: { limits?: { cpus?: string; memory?: string } } };
}

interface Compose {
  services: Record<string, Container>;
  volumes: Record<string, unknown>;
}

const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true, maxAliasCount: -1 }) as Compose;
const dockerfile = readFileSync(join(ROOT, 'deploy', 'Dockerfile'), 'utf8');

/** Every breach of the house's rules, as sentences that begin with the container's name. */
function breaches({ services, volumes }: Compose): string[] {
  return Object.entries(services).flatMap(([name, one]) => [...hardening(one), ...exposure(name, one), ...order(one, services), ...storage(one, volumes)].map((what) => `${name} ${what}`));
}

function hardening(one: Container): string[] {
  const wrong: string[] = [];
  if (!one.user || /^(root|0)(:|$)/.test(one.user)) wrong.push('runs as root');
  if (one.read_only !== true) wrong.push('may write to its image');
  if (!one.cap_drop?.includes('ALL')) wrong.push('keeps capabilities');
  if (!one.security_opt?.includes('no-new-privileges:true')) wrong.push('may gain privileges');
  if (!one.deploy?.resources?.limits?.memory || !one.deploy.resources.limits.cpus) wrong.push('has no limits');
  if (!/:\d+\.\d+(\.\d+)?[\w.-]*(@sha256:[0-9a-f]{64})?$/.test(one.image ?? '')) wrong.push(`is not pinned: ${one.image}`);
  return wrong;
}

const exposure = (name: string, { ports = [] }: Container) => ports.filter((port) => name !== 'gateway' && !port.startsWith('127.0.0.1:')).map((port) => `is open to the world at ${port}`);

/** What is waited for must be able to become healthy, or to complete. */
function order(one: Container, services: Record<string, Container>): string[] {
  const isJob = (name: string) => services[name]?.restart?.startsWith('on-failure') ?? false;
  const wrong = Object.entries(one.depends_on ?? {}).flatMap(([name, { condition }]) => {
    if (!services[name]) return [`waits for ${name}, which is not there`];
    const wanted = isJob(name) ? 'service_completed_successfully' : 'service_healthy';
    return condition === wanted ? [] : [`waits for ${name} by ${condition}`];
  });
  const job = one.restart?.startsWith('on-failure');
  if (!job && !one.healthcheck?.test) wrong.push('has no health check');
  return wrong;
}

const storage = ({ volumes = [] }: Container, named: Record<string, unknown>) =>
  volumes.filter((volume) => !((volume.split(':')[0] ?? '') in named)).map((volume) => `stores in ${volume}, which is no named volume`);

describe('docker-compose.yml', () => {
  it('OPS-5 the five services, their migrations and their three servers are there', () => {
    const names = ['keys', 'databases', 'postgres', 'nats', 'redis', ...SERVICES, ...SERVICES.map((service) => `migrate-${service}`)];
    expect(Object.keys(compose.services).sort()).toEqual(names.sort());
  });

  it('every container is hardened, limited, pinned and closed', () => {
    expect(breaches(compose)).toEqual([]);
  });

  it.each(SERVICES)('OPS-4 %s starts after its own migration, with its own database', (service) => {
    const [one, migration] = [compose.services[service], compose.services[`migrate-${service}`]];
    expect(one?.command).toEqual([`apps/${service}/dist/main.js`]);
    expect(migration?.command).toEqual([`apps/${service}/dist/main.js`, '--migrate']);
    expect(one?.depends_on).toHaveProperty(`migrate-${service}`);
    expect(one?.environment?.DATABASE_URL_FILE).toBe(`/keys/services/${service}-database-url`);
    expect(DATABASE[service]).toMatch(/^parley_/);
  });

  it('the key that signs for people is shown to the gateway alone', () => {
    const holders = Object.entries(compose.services).filter(([, one]) => one.volumes?.some((volume) => volume.startsWith('keys-gateway:')));
    expect(holders.map(([name]) => name).sort()).toEqual(['gateway', 'keys', 'migrate-gateway']);
  });

  it('no secret stands in the file', () => {
    const values = Object.values(compose.services).flatMap(({ environment = {} }) => Object.entries(environment));
    expect(values.filter(([name, value]) => /PASSWORD|SECRET|KEY|DATABASE_URL/.test(name) && !name.endsWith('_FILE') && value)).toEqual([]);
  });

  it.each<[string, (services: Record<string, Container>) => void, string]>([
    ['root', (all) => Object.assign(all.redis ?? {}, { user: 'root' }), 'redis runs as root'],
    ['a writable image', (all) => Object.assign(all.nats ?? {}, { read_only: false }), 'nats may write to its image'],
    ['a floating tag', (all) => Object.assign(all.nats ?? {}, { image: 'nats:latest' }), 'nats is not pinned: nats:latest'],
    ['an open port', (all) => Object.assign(all.postgres ?? {}, { ports: ['5432:5432'] }), 'postgres is open to the world at 5432:5432'],
    ['no limits', (all) => Object.assign(all.tickets ?? {}, { deploy: {} }), 'tickets has no limits'],
    ['no health check', (all) => Object.assign(all.tickets ?? {}, { healthcheck: { disable: true } }), 'tickets has no health check'],
    ['a start before the migration', (all) => Object.assign(all.tickets?.depends_on ?? {}, { 'migrate-tickets': { condition: 'service_started' } }), 'tickets waits for migrate-tickets by service_started'],
    ['a folder of the host', (all) => Object.assign(all.redis ?? {}, { volumes: ['./data:/data'] }), 'redis stores in ./data:/data, which is no named volume'],
  ])('%s would be noticed', (_what, spoil, breach) => {
    const spoilt = structuredClone(compose);
    spoil(spoilt.services);
    expect(breaches(spoilt)).toContain(breach);
  });
});

describe('the Dockerfile', () => {
  it('copies the manifest of every project, so that npm ci sees the workspaces', () => {
    const projects = ['libs/contracts', 'libs/service', 'tools', ...SERVICES.map((service) => `apps/${service}`)];
    expect(projects.filter((project) => !dockerfile.includes(`COPY ${project}/package.json ${project}/`))).toEqual([]);
  });

  it('pins its base images and does not run as root', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(bases.length).toBeGreaterThan(0);
    expect(bases.filter((image) => !/:\d+\.\d+\.\d+-/.test(image ?? ''))).toEqual([]);
    expect(dockerfile.match(/^USER (\S+)/gm)?.at(-1)).toBe('USER node');
  });

  it('is the one that compose builds', () => {
    const built = Object.values(compose.services).flatMap(({ build }) => build?.dockerfile ?? []);
    expect(built).toEqual(['deploy/Dockerfile']);
    expect(existsSync(join(ROOT, 'deploy', 'Dockerfile.dockerignore'))).toBe(true);
  });
});
