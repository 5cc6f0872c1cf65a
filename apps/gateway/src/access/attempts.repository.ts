import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';

/** Counts guesses. Look and count are one statement, so two hundred at once are counted one by one. */
@Injectable()
export class AttemptsRepository {
  constructor(private readonly db: DataSource) {}

  /** Takes one of `limit` tries of the bucket in 15 minutes; null when it may try, else the seconds to wait. */
  async take(bucket: string, limit: number): Promise<number | null> {
    const rows: unknown[] = await this.db.query(
      `INSERT INTO attempt AS a (bucket, count, until) VALUES ($1, 1, now() + interval '15 minutes')
       ON CONFLICT (bucket) DO UPDATE SET count = CASE WHEN a.until <= now() THEN 1 ELSE a.count + 1 END, until = CASE WHEN a.until <= now() THEN EXCLUDED.until ELSE a.until END
       WHERE a.until <= now() OR a.count < $2
       RETURNING count`,
      [nameOf(bucket), limit],
    );
    if (rows.length) return null;
    const [row]: { seconds: number }[] = await this.db.query('SELECT greatest(1, ceil(extract(epoch FROM until - now())))::int AS seconds FROM attempt WHERE bucket = $1', [nameOf(bucket)]);
    return row?.seconds ?? 1;
  }

  /** Gives tries back after a success: all of them, or the one that was taken. */
  async giveBack(bucket: string, how: 'all' | 'one') {
    if (how === 'all') await this.db.query('DELETE FROM attempt WHERE bucket = $1', [nameOf(bucket)]);
    else await this.db.query('UPDATE attempt SET count = greatest(0, count - 1) WHERE bucket = $1', [nameOf(bucket)]);
  }

  /** Forgets counters that have run out. */
  async forgetOld() {
    await this.db.query('DELETE FROM attempt WHERE until < now()');
  }
}

/** A bucket names an e-mail or network address: only its hash is stored. */
const nameOf = (bucket: string) => createHash('sha256').update(bucket).digest('base64url');
