import { Injectable } from '@nestjs/common';
import { SETTINGS } from '@parley/contracts/settings';
import type { OfficeHours } from '@parley/contracts/office-hours';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import type { DeskEntity, RuleEntity } from './assignment.entity.js';

type Stored = { version: number; spam: number; ham: number; routing: object | null; inbox: object | null; rules: RuleEntity[] | null; teams: Record<string, OfficeHours | null> | null };

const READ = `
  SELECT d.version, d.spam, d.ham,
    (SELECT "values" FROM setting WHERE account_id = $1 AND area = 'routing') AS routing,
    (SELECT "values" FROM setting WHERE account_id = $1 AND area = 'inbox') AS inbox,
    (SELECT json_agg(json_build_object('id', r.id, 'position', r.position, 'name', r.name, 'enabled', r.enabled, 'onReopened', r.on_reopened,
       'conditions', r.conditions, 'actions', r.actions, 'version', r.version) ORDER BY r.position, r.id) FROM routing_rule r WHERE r.account_id = $1 AND r.enabled) AS rules,
    (SELECT json_object_agg(t.id, t.office_hours) FROM team t WHERE t.account_id = $1) AS teams
  FROM desk_state d WHERE d.account_id = $1`;

/** What tickets are handed out by, whole, in one statement: so that it belongs to one version. */
@Injectable()
export class DeskRepository {
  async version(tx: Tx): Promise<number | null> {
    return (await tx.sql<{ version: number }>('SELECT version FROM desk_state WHERE account_id = $1', [tx.by.account]))[0]?.version ?? null;
  }

  async read(tx: Tx): Promise<DeskEntity> {
    const [stored] = await rows<Stored>(tx, READ, [tx.by.account]);
    return {
      version: stored?.version ?? 0,
      rules: stored?.rules ?? [],
      teams: stored?.teams ?? {},
      routing: SETTINGS.routing.parse(stored?.routing ?? {}),
      spamThreshold: SETTINGS.inbox.parse(stored?.inbox ?? {}).spamThreshold,
      samples: { spam: stored?.spam ?? 0, ham: stored?.ham ?? 0 },
    };
  }
}
