import { discardDead, listDead, retryDead, showDead } from '@parley/service/operator';
import { onEach, type Urls } from './databases.js';

/** Facts that failed five times and wait for a decision, of every service. */
export async function list(urls: Urls) {
  const letters = await onEach(urls, (db) => listDead(db));
  return letters.map(({ service, event_id, type, source, partition, seq, attempts, at, retry_at, error }) => ({
    service, event: event_id, type, from: `${source}/${partition}#${seq}`, attempts, parked: at.toISOString(), retrying: retry_at ? 'yes' : '', error: error.split('\n')[0],
  }));
}

/** All there is to know of one, its envelope included: content of customers, so mind who is looking. */
export async function show(urls: Urls, eventId: string) {
  const found = await onEach(urls, async (db) => [await showDead(db, eventId)].filter((letter) => letter !== null));
  return found.length > 0 ? found : nothing(eventId);
}

/** The services try it again within seconds; `all` stands for every one that waits. */
export async function retry(urls: Urls, eventId: string) {
  return decide(urls, eventId, 'is tried again', retryDead);
}

/** Given up for good. The reason stays with it. */
export async function discard(urls: Urls, eventId: string, reason: string) {
  return decide(urls, eventId, 'is discarded', (db, id) => discardDead(db, id, reason));
}

async function decide(urls: Urls, eventId: string, outcome: string, act: typeof retryDead) {
  const changed = await onEach(urls, async (db) => {
    const ids = eventId === 'all' ? (await listDead(db)).map(({ event_id }) => event_id) : [eventId];
    const done = await Promise.all(ids.map(async (id) => ((await act(db, id)) ? [{ event: id, outcome }] : [])));
    return done.flat();
  });
  return changed.length > 0 || eventId === 'all' ? changed : nothing(eventId);
}

function nothing(eventId: string): never {
  throw new Error(`Nothing waits under ${eventId}.`);
}
