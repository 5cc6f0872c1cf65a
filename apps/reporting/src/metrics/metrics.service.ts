import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { reports } from '@parley/contracts/reports';
import { within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { MAX_BUCKETS, buckets } from './buckets.rules.js';
import { CATALOGUE } from './catalogue.rules.js';
import { MetricsRepository, type Selection } from './metrics.repository.js';
import { arrange, cursorOf, placeOf } from './report.rules.js';

@Injectable()
export class MetricsService {
  constructor(
    private readonly db: DataSource,
    private readonly metrics: MetricsRepository,
  ) {}

  catalogue() {
    return { items: Object.values(CATALOGUE), nextCursor: null };
  }

  /** A metric over [from, to), cut at the hours, days, weeks or months of a zone. */
  report(input: Input<typeof reports.report>, by: Actor) {
    const selection = selectionOf(input);
    const [from, to] = [selection.from.getTime(), selection.to.getTime()];
    const cut = input.interval ? buckets(from, to, input.timezone, input.interval) : [{ from, to }];
    if (!cut) throw invalid('/interval', `cuts the range into more than ${MAX_BUCKETS} pieces`);
    return within(this.db, by, async (tx) => {
      const rows = await this.metrics.values(tx, selection, cut.map((bucket) => new Date(bucket.from)), input.groupBy);
      return {
        metric: CATALOGUE[input.metric], from: selection.from.toISOString(), to: selection.to.toISOString(), timezone: input.timezone,
        ...arrange(rows, cut, input.groupBy !== undefined),
      };
    });
  }

  /** REP-5: the tickets behind a number, newest first. */
  drillDown({ cursor, limit, ...input }: Input<typeof reports.drillDown>, by: Actor) {
    const selection = selectionOf(input);
    const after = cursor === undefined ? undefined : placeOf(cursor);
    if (cursor !== undefined && !after) throw invalid('/cursor', 'is no cursor of this list');
    return within(this.db, by, async (tx) => {
      const found = await this.metrics.tickets(tx, selection, limit + 1, after);
      const items = found.slice(0, limit).map(({ id: _, at, ...row }) => ({ ...row, at: at.toISOString() }));
      return { items, nextCursor: found.length > limit ? cursorOf(found[limit - 1]!) : null };
    });
  }
}

function selectionOf({ metric, from, to, channel, agentId }: Omit<Selection, 'from' | 'to'> & { from: string; to: string }): Selection {
  const selection = { metric, from: new Date(from), to: new Date(to), channel, agentId };
  if (selection.from >= selection.to) throw invalid('/to', 'is not after from');
  return selection;
}

const invalid = (pointer: string, message: string) => new ContractError('VALIDATION_FAILED', `${pointer.slice(1)} ${message}`, { errors: [{ pointer, message }] });
