import { logStatus } from '@parley/service/operator';
import type { DataSource } from 'typeorm';
import { onEach, wireName, type Urls } from './databases.js';

/** Something that is not as it must be. */
export interface Finding {
  found: string;
}

const CHECKS: { sql: string; tell: (count: number) => string }[] = [
  { sql: `SELECT count(*) n FROM dead_letter WHERE resolved_at IS NULL`, tell: (n) => `${n} facts are parked: parley dead list` },
  { sql: `SELECT count(*) n FROM scheduled_action WHERE state = 'failed'`, tell: (n) => `${n} timers have failed: parley timers list` },
  {
    sql: `SELECT count(*) n FROM scheduled_action WHERE state IN ('pending', 'running') AND due_at < parley_now(account_id) - interval '60 seconds'`,
    tell: (n) => `${n} timers are more than a minute late: is the service running?`,
  },
  {
    sql: `SELECT count(*) n FROM (SELECT partition FROM log GROUP BY partition HAVING count(*) <> max(seq) - min(seq) + 1) gaps`,
    tell: (n) => `${n} partitions of the log have gaps: facts are lost, restore from a backup`,
  },
  {
    sql: `SELECT count(*) n FROM log_head h JOIN (SELECT partition, max(seq) seq FROM log GROUP BY partition) l USING (partition) WHERE l.seq > h.seq`,
    tell: (n) => `${n} heads of the log are behind their facts: was the database restored in parts?`,
  },
];

/** Looks at every database and changes nothing; an empty list means that all is well. */
export async function examine(urls: Urls) {
  const own = await onEach(urls, ownTroubles);
  const logs = await onEach(urls, async (db) => [await logStatus(db)]);
  const behind = logs.flatMap(({ service, cursors }) =>
    logs.flatMap((source): (Finding & { service: string })[] => {
      const positions = new Map(cursors.filter((cursor) => cursor.source === wireName(source.service)).map(({ partition, position }) => [partition, position]));
      const heard = source.heads.filter(({ partition }) => positions.has(partition));
      const lag = heard.reduce((sum, { partition, seq }) => sum + Math.max(0, seq - (positions.get(partition) ?? 0)), 0);
      const ahead = heard.some(({ partition, seq }) => (positions.get(partition) ?? 0) > seq);
      return [
        ...(lag > 0 ? [{ service, found: `${lag} facts of ${source.service} are not yet heard` }] : []),
        ...(ahead ? [{ service, found: `has heard more than ${source.service} has said: it was restored to an older state; parley log resync` }] : []),
      ];
    }),
  );
  return [...own, ...behind];
}

async function ownTroubles(db: DataSource): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { sql, tell } of CHECKS) {
    const [row] = (await db.query(sql)) as { n: number }[];
    if (row && row.n > 0) findings.push({ found: tell(row.n) });
  }
  return findings;
}
