import { setTimeout as pause } from 'node:timers/promises';
import { SERVICES, type ServiceName } from '../launcher/databases.js';
import { wireName, type Books } from './books.js';
import type { Reader } from './readers.js';

interface Position {
  partition: number;
  seq: number;
}

/** What still has to be done, in words; empty when everything has been heard, rung, sent and read. */
export async function unfinished(books: Books, readers: Reader[]): Promise<string[]> {
  return (await Promise.all([unheard(books), undone(books), unread(books, readers)])).flat();
}

async function unheard(books: Books): Promise<string[]> {
  const heads = new Map<string, number>();
  for (const service of SERVICES) {
    for (const { partition, seq } of await books.rows<Position>(service, 'SELECT partition, seq FROM log_head')) heads.set(`${wireName(service)}/${partition}`, seq);
  }
  const behind = async (service: ServiceName) => {
    const cursors = await books.rows<{ log: string; position: number }>(service, `SELECT source || '/' || partition log, position FROM log_cursor`);
    return cursors.filter(({ log, position }) => position !== heads.get(log)).map(({ log, position }) => `${service} has heard ${log} up to ${position} of ${heads.get(log)}`);
  };
  return (await Promise.all(SERVICES.map(behind))).flat();
}

async function undone(books: Books): Promise<string[]> {
  const timers = await Promise.all(SERVICES.map(async (service) => ({
    service, due: await books.rows<{ kind: string }>(service, `SELECT kind FROM scheduled_action WHERE state IN ('pending', 'running') AND due_at <= now() + interval '10 seconds'`),
  })));
  const [waiting] = await books.rows<{ n: number }>('channels', 'SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM mail_waiting) n');
  return [...timers.filter(({ due }) => due.length).map(({ service, due }) => `${due.length} timers of ${service} are due`), ...(waiting?.n ? [`${waiting.n} messages wait in channels`] : [])];
}

async function unread(books: Books, readers: Reader[]): Promise<string[]> {
  const feeds = await books.rows<{ account: string; sequence: number }>('notifications', 'SELECT account_id account, sequence FROM feed_counter');
  const heads = new Map(feeds.map(({ account, sequence }) => [account, sequence]));
  return readers.filter(({ account, position }) => position < (heads.get(account) ?? 0)).map(({ name, account, position }) => `the ${name} stands at ${position} of ${heads.get(account)}`);
}

const TELL_MS = 10_000;

/** Waits until nothing is unfinished, or the deadline; answers what was left, and how long it took in milliseconds. */
export async function drain(books: Books, readers: Reader[], { seconds, say }: { seconds: number; say: (line: string) => void }): Promise<{ left: string[]; tookMs: number }> {
  const began = performance.now();
  for (let tell = TELL_MS; ; ) {
    const left = await unfinished(books, readers);
    const tookMs = Math.round(performance.now() - began);
    if (left.length === 0 || tookMs > seconds * 1000) return { left, tookMs };
    if (tookMs > tell) {
      tell += TELL_MS;
      say(`after ${Math.round(tookMs / 1000)} s: ${left.slice(0, 3).join('; ')}`);
    }
    await pause(250);
  }
}
