import type { DataSource } from 'typeorm';
import type { Broker } from './broker.js';
import { PARTITIONS } from './ids.js';

/** What a subscriber tells when it asks how far a log has come: where it stands, by partition. */
export type HeadsQuestion = { consumer: string; at: [position: number, lastEventId: string | null][] };
/** Heads by partition, and the partitions whose numbers do not continue what the subscriber has heard: the log was rewound. */
export type HeadsAnswer = { heads: number[]; rewound: number[] };
/** Facts of a partition after a position. */
export type ReadQuestion = { partition: number; after: number; lastEventId: string | null; limit: number };
export type ReadAnswer = { rewound: boolean; first: number; envelopes: unknown[] };

/** A position is still true if the log has reached it and holds the same event there, or has dropped that row by retention. */
const REWOUND = `(q.position > h.seq OR (q.event_id IS NOT NULL AND EXISTS (
  SELECT FROM log l WHERE l.partition = q.partition AND l.seq = q.position AND l.event_id <> q.event_id)))`;

/** Answers other services’ questions about this service’s log, from the database; any replica may. */
export class LogServer {
  private readonly noted = new Map<string, number>();

  constructor(private readonly db: DataSource, private readonly broker: Broker, private readonly service: string) {}

  start() {
    this.broker.answer(`rpc.${this.service}.log.heads.v1`, this.service, async (body) => JSON.stringify(await this.heads(JSON.parse(body) as HeadsQuestion)));
    this.broker.answer(`rpc.${this.service}.log.read.v1`, this.service, async (body) => this.read(JSON.parse(body) as ReadQuestion));
  }

  async heads(question: HeadsQuestion): Promise<HeadsAnswer> {
    const rows = (await this.db.query(
      `SELECT h.partition, h.seq, ${REWOUND} rewound FROM log_head h
       JOIN unnest($1::smallint[], $2::bigint[], $3::uuid[]) q (partition, position, event_id) ON q.partition = h.partition ORDER BY h.partition`,
      [question.at.map((_, partition) => partition), question.at.map(([position]) => position), question.at.map(([, id]) => id)],
    )) as { partition: number; seq: number; rewound: boolean }[];
    await this.noteSubscriber(question);
    return { heads: rows.map((row) => row.seq), rewound: rows.filter((row) => row.rewound).map((row) => row.partition) };
  }

  /** Remembers how far each subscriber has come: the slowest one holds retention back. Written at most every five seconds. */
  private async noteSubscriber({ consumer, at }: HeadsQuestion) {
    const now = performance.now();
    if (now - (this.noted.get(consumer) ?? -Infinity) < 5000) return;
    this.noted.set(consumer, now);
    await this.db.query(
      `INSERT INTO log_subscriber (consumer, partition, position) SELECT $1, p, n FROM unnest($2::smallint[], $3::bigint[]) v (p, n)
       ON CONFLICT (consumer, partition) DO UPDATE SET position = excluded.position, seen_at = now()`,
      [consumer, at.map((_, partition) => partition), at.map(([position]) => position)],
    );
  }

  /** At most 400 kB of facts, so that an answer fits a message of the broker. */
  private async read({ partition, after, lastEventId, limit }: ReadQuestion): Promise<string> {
    if (!(partition >= 0 && partition < PARTITIONS)) throw new Error('no such partition');
    const [check] = (await this.db.query(
      `SELECT ${REWOUND} rewound FROM log_head h JOIN (SELECT $1::smallint partition, $2::bigint position, $3::uuid event_id) q ON q.partition = h.partition`,
      [partition, after, lastEventId],
    )) as { rewound: boolean }[];
    if (check!.rewound) return JSON.stringify({ rewound: true, first: after + 1, envelopes: [] });
    const rows = (await this.db.query(
      `SELECT seq, envelope FROM (
         SELECT seq, envelope::text, sum(octet_length(envelope::text)) OVER (ORDER BY seq) bytes FROM log
         WHERE partition = $1 AND seq > $2 AND seq <= $2 + $3 ORDER BY seq) f
       WHERE bytes - octet_length(envelope) < 400000 ORDER BY seq`,
      [partition, after, Math.min(limit, 500)],
    )) as { seq: number; envelope: string }[];
    return `{"rewound":false,"first":${rows[0]?.seq ?? after + 1},"envelopes":[${rows.map((row) => row.envelope).join(',')}]}`;
  }
}

/** Drops facts older than `days` that every known subscriber has heard; keeps everything while there is no subscriber. In small steps. */
export async function dropOldFacts(db: DataSource, days = 30, most = 5000): Promise<number> {
  const [, count] = (await db.query(
    `DELETE FROM log WHERE (partition, seq) IN (
       SELECT l.partition, l.seq FROM log l
       JOIN (SELECT partition, min(position) position FROM log_subscriber GROUP BY partition) s ON s.partition = l.partition AND l.seq <= s.position
       WHERE l.at < now() - make_interval(days => $1) LIMIT $2)`,
    [days, most],
  )) as [unknown, number];
  return count;
}

/** Forgets which commands were carried out, after the 48 hours in which a repeat may come. */
export async function dropOldCommands(db: DataSource): Promise<void> {
  await db.query(`DELETE FROM processed_command WHERE at < now() - interval '48 hours'`);
}
