import type { Envelope } from '@parley/contracts/events';
import type { Tx } from './tx.js';

type Said = Omit<Envelope, 'sequence'>;
type Fields = Record<string, unknown>;

/** What a message says, wherever it stands in a fact. Only what is there is emptied. */
const NOTHING: Fields = { text: '', html: null, newText: null, subject: null, truncated: false, attachments: [], details: [], reactions: [] };

/**
 * Facts of one conversation without what a message of it said, which was taken back since (META-2): its content, and its beginning where lists showed it.
 * Answers only those that held something of it.
 */
export function withoutMessage<E extends Said>(facts: readonly E[], messageId: string): E[] {
  const texts = facts.flatMap((fact) => textsOf(contentIn(fact, messageId)));
  return facts.flatMap((fact) => {
    const data = cleaned(fact.data, messageId, texts);
    return JSON.stringify(data) === JSON.stringify(fact.data) ? [] : [{ ...fact, data: data as E['data'] }];
  });
}

/** Where the message stands: beside its ticket, or as the fact itself. */
const isAbout = ({ inboundId, messageId }: Fields, id: string) => inboundId === id || messageId === id;
const contentIn = ({ data }: Said, id: string): Fields | null => {
  const { message } = data as { message?: Fields };
  if (message?.['id'] === id) return message;
  return isAbout(data, id) ? { ...data, ...(data['change'] as Fields | undefined) } : null;
};

function cleaned(data: Fields, id: string, texts: readonly string[]): Fields {
  const { message, ticket, preview, change, attachment } = data as { message?: Fields; ticket?: Fields; preview?: unknown; change?: Fields; attachment?: Fields };
  return {
    ...data,
    ...(message?.['id'] === id && { message: emptied(message) }),
    ...(isAbout(data, id) && { ...emptied(data), ...(change && { change: emptied(change) }), ...(attachment && { attachment: { ...attachment, name: 'file' } }) }),
    ...(begins(preview, texts) && { preview: null }),
    ...(ticket && begins(ticket['preview'], texts) && { ticket: { ...ticket, preview: null } }),
  };
}

const emptied = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, name in NOTHING ? NOTHING[name] : value]));

const begins = (preview: unknown, texts: readonly string[]) => typeof preview === 'string' && preview !== '' && texts.some((text) => text.startsWith(preview.replace(/…$/, '')));

/** What a preview may begin with, spelled as previews are: the words, else the names of its files. */
function textsOf(message: Fields | null): string[] {
  const { newText, text, attachments } = (message ?? {}) as { newText?: string | null; text?: string; attachments?: { name: string }[] };
  return [newText ?? '', text ?? '', (attachments ?? []).map(({ name }) => name).join(', ')].map((one) => one.replace(/\s+/g, ' ').trim()).filter(Boolean);
}

const MINUTE_MS = 60_000;
/** Before this nothing was said of it: the time is in the id (UUIDv7), by the wall clock, with room for clocks that differ. */
export const madeAt = (messageId: string) => new Date(parseInt(messageId.replaceAll('-', '').slice(0, 12), 16) - 10 * MINUTE_MS);

/** So many facts are looked through by one statement. */
const WINDOW = 10_000;
type Row = { seq: number; envelope: Said };

/** Takes what a message said out of this service's own log: `key` and `partition` are those of its facts. Their places stay, and whoever has not heard them yet hears them so. */
export async function forgetInLog({ sql, by }: Pick<Tx, 'sql' | 'by'>, { messageId, key, partition }: { messageId: string; key: string; partition: number }): Promise<void> {
  const found: Row[] = [];
  const [head] = await sql<{ seq: number }>('SELECT seq FROM log_head WHERE partition = $1', [partition]);
  for (let below = (head?.seq ?? 0) + 1; below > 0; ) {
    const from = Math.max(0, below - WINDOW);
    const rows = await sql<Row>(
      `SELECT seq, envelope FROM log WHERE partition = $1 AND seq >= $2 AND seq < $3 AND account_id = $4 AND (key = $5 OR position($6 IN envelope::text) > 0) ORDER BY seq`, [partition, from, below, by.account, key, messageId],
    );
    found.unshift(...rows);
    const [older] = await sql<{ at: Date }>('SELECT at FROM log WHERE partition = $1 AND seq < $2 ORDER BY seq DESC LIMIT 1', [partition, from]);
    below = older && older.at >= madeAt(messageId) ? from : 0;
  }
  const clean = withoutMessage(found.map(({ seq, envelope }) => ({ ...envelope, place: seq })), messageId);
  if (!clean.length) return;
  await sql('UPDATE log l SET envelope = n.envelope FROM unnest($2::bigint[], $3::json[]) n (seq, envelope) WHERE l.partition = $1 AND l.seq = n.seq', [
    partition, clean.map(({ place }) => place), clean.map(({ place: _, ...envelope }) => JSON.stringify(envelope)),
  ]);
}
