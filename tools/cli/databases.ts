import { dataSourceOf } from '@parley/service/database';
import type { DataSource } from 'typeorm';
import { DATABASE, SERVICES, type ServiceName } from '../launcher/databases.js';

/** Where the databases of the services are, as far as they are known. */
export type Urls = Partial<Record<ServiceName, string>>;

/** What was said on the command line and in the environment, and what `npm start` has written down. */
export interface Known {
  /** `--database tickets=postgres://…`, any number of them. */
  options: string[];
  databaseUrl?: string;
  running?: Record<string, string>;
}

/**
 * The databases to work on: those of the options; else DATABASE_URL, whose database name tells the service; else those of the
 * system that runs here. Throws with what to do where there is none.
 */
export function urlsOf({ options, databaseUrl, running }: Known): Urls {
  if (options.length > 0) return Object.fromEntries(options.map(pair));
  if (databaseUrl) return { [byName(databaseUrl)]: databaseUrl };
  if (running) return running as Urls;
  throw new Error('No system runs here. Name a database: DATABASE_URL=postgres://…/parley_tickets, or --database tickets=postgres://… as often as needed.');
}

function pair(option: string): [ServiceName, string] {
  const [service = '', ...url] = option.split('=');
  return [serviceOf(service), url.join('=')];
}

function byName(url: string): ServiceName {
  const name = new URL(url).pathname.slice(1);
  const service = SERVICES.find((one) => DATABASE[one] === name);
  if (!service) throw new Error(`Whose database is ${name}? Say it: --database tickets=postgres://…`);
  return service;
}

/** A service by its name; the gateway is also known by its name on the wire, access. Throws with the names there are. */
export function serviceOf(name = ''): ServiceName {
  const service = SERVICES.find((one) => one === (name === 'access' ? 'gateway' : name));
  if (!service) throw new Error(`There is no service “${name}”: ${SERVICES.join(', ')}.`);
  return service;
}

/** As the services name each other in logs and cursors. */
export const wireName = (service: ServiceName) => (service === 'gateway' ? 'access' : service);

/** Connects, works, and disconnects whatever happens. */
export async function withDatabase<T>(url: string | undefined, work: (db: DataSource) => Promise<T>): Promise<T> {
  if (!url) throw new Error('The database of that service is not known: --database SERVICE=postgres://…');
  const db = await dataSourceOf(url, [], [], 1).initialize();
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

/** The same work on every known database, or on the one of `only`; the answers with their service. */
export async function onEach<T>(urls: Urls, work: (db: DataSource, service: ServiceName) => Promise<T[]>, only?: ServiceName): Promise<(T & { service: ServiceName })[]> {
  const found: (T & { service: ServiceName })[] = [];
  for (const service of SERVICES.filter((one) => (only ? one === only : urls[one]))) {
    found.push(...(await withDatabase(urls[service], (db) => work(db, service))).map((row) => ({ service, ...row })));
  }
  return found;
}
