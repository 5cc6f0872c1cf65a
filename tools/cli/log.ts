import { dropConsumer, logStatus, resync } from '@parley/service/operator';
import { onEach, serviceOf, wireName, withDatabase, type Urls } from './databases.js';

/** Who has heard how much: a row for every subscriber of every log, by the subscriber's own cursors where its database is known. */
export async function status(urls: Urls) {
  const logs = await onEach(urls, async (db) => [await logStatus(db)]);
  return logs.flatMap(({ service, heads, subscribers }) => {
    const source = wireName(service);
    const facts = heads.reduce((sum, { seq }) => sum + seq, 0);
    const rows = subscribers.map(({ consumer, lag, seen_at }) => {
      const own = logs.find((log) => wireName(log.service) === consumer)?.cursors.filter((cursor) => cursor.source === source);
      const behind = own?.length ? heads.reduce((sum, { partition, seq }) => sum + Math.max(0, seq - (own.find((cursor) => cursor.partition === partition)?.position ?? 0)), 0) : lag;
      return { log: source, facts, consumer, behind, 'last asked': seen_at.toISOString() };
    });
    return rows.length > 0 ? rows : [{ log: source, facts, consumer: '(nobody)', behind: 0, 'last asked': '' }];
  });
}

/**
 * After the database of `source` was restored to an older state: the service goes on at the source's present heads. What the
 * source forgot it will not hear; what it has heard of that stays.
 */
export async function resyncTo(urls: Urls, service: string, source: string) {
  const { heads } = await withDatabase(urls[serviceOf(source)], logStatus);
  const cursors = await withDatabase(urls[serviceOf(service)], (db) => resync(db, wireName(serviceOf(source)), heads));
  return [{ service, source, cursors }];
}

/** Forgets a subscriber that will never come back: the log no longer keeps old facts for it. */
export async function drop(urls: Urls, service: string, consumer: string) {
  if (!(await withDatabase(urls[serviceOf(service)], (db) => dropConsumer(db, consumer)))) throw new Error(`${consumer} does not listen to ${service}.`);
  return [{ service, consumer, outcome: 'dropped' }];
}
