import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';

/** The pool of tickets that have no team. */
export const NO_TEAM = '00000000-0000-0000-0000-000000000000';

/** The turn goes to whoever is there, has room, and had theirs longest ago; a team's turns are counted for themselves. */
const TAKE_TURN = `
  WITH chosen AS (
    SELECT a.id FROM agent a LEFT JOIN turn u ON u.account_id = $1 AND u.team_id = $2::uuid AND u.agent_id = a.id
    WHERE a.account_id = $1 AND a.active AND a.available AND a.role = ANY ($3)
      AND ($2::uuid = '${NO_TEAM}' OR EXISTS (SELECT FROM team_member m WHERE m.team_id = $2::uuid AND m.agent_id = a.id))
      AND ($4::int IS NULL OR $4 > (SELECT count(*) FROM (
        SELECT FROM ticket t WHERE t.account_id = $1 AND t.assignee_id = a.id AND t.status = 'open' AND NOT t.spam LIMIT $4) l))
    ORDER BY u.turn NULLS FIRST, a.id LIMIT 1),
  next AS (UPDATE desk_state SET turn = turn + 1 WHERE account_id = $1 AND EXISTS (SELECT FROM chosen) RETURNING turn)
  INSERT INTO turn AS u (account_id, team_id, agent_id, turn) SELECT $1, $2::uuid, chosen.id, next.turn FROM chosen, next
  ON CONFLICT (account_id, team_id, agent_id) DO UPDATE SET turn = excluded.turn RETURNING agent_id, u.turn`;

/** Who waits: oldest first. A team that was dissolved is as good as none. */
const WAITING = `
  SELECT t.id FROM ticket t LEFT JOIN team g ON g.id = t.team_id
  WHERE t.account_id = $1 AND t.queued_at IS NOT NULL AND t.assignee_id IS NULL AND t.status = 'open' AND NOT t.spam AND t.merged_into IS NULL
    AND coalesce(g.id, '${NO_TEAM}') <> ALL ($2::uuid[]) AND NOT (t.channel_type = 'webchat' AND coalesce(g.id, '${NO_TEAM}') = ANY ($3::uuid[]))
    AND t.id <> ALL ($4::uuid[]) AND ($5::uuid IS NULL OR coalesce(g.id, '${NO_TEAM}') = $5)
  ORDER BY t.queued_at, t.id LIMIT 1`;

/** Where to look: not among these teams, not among the web chats of closed ones, not at these tickets; in one team only, where told. */
export type Search = { but: string[]; closed: string[]; skipped: string[]; team?: string };

/** Turns and waiting tickets by SQL (RTE-3, RTE-5). */
@Injectable()
export class QueueRepository {
  /** Nobody else hands out tickets of the account until the transaction ends. */
  async lock(tx: Tx): Promise<void> {
    await tx.sql('SELECT FROM desk_state WHERE account_id = $1 FOR UPDATE', [tx.by.account]);
  }

  /** Gives the turn to somebody and says to whom and which; nothing where nobody is free. The caller holds the lock. */
  async takeTurn(tx: Tx, team: string, roles: readonly string[], capacity: number | null): Promise<{ agentId: string; turn: number } | null> {
    const [taken] = await tx.sql<{ agent_id: string; turn: number }>(TAKE_TURN, [tx.by.account, team, roles, capacity]);
    return taken ? { agentId: taken.agent_id, turn: taken.turn } : null;
  }

  /** The oldest waiting ticket, of one team or of all. */
  async oldest(tx: Tx, { but, closed, skipped, team }: Search): Promise<string | null> {
    return (await tx.sql<{ id: string }>(WAITING, [tx.by.account, but, closed, skipped, team ?? null]))[0]?.id ?? null;
  }

  /** Can the ticket be had at once? Then it is ours until the transaction ends. */
  async tryLock(tx: Tx, ticketId: string): Promise<boolean> {
    return (await tx.sql('SELECT FROM ticket WHERE id = $1 AND account_id = $2 FOR UPDATE SKIP LOCKED', [ticketId, tx.by.account])).length > 0;
  }

  async nextGeneration(tx: Tx): Promise<number> {
    return (await tx.sql<{ n: number }>(`SELECT nextval('hand_out') AS n`))[0]!.n;
  }
}
