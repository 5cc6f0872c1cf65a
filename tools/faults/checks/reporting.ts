import type { Books } from '../books.js';
import type { Findings } from '../findings.js';
import { factsOf } from './logs.js';

/** I4: what reporting knows of the tickets is what tickets knows, ticket by ticket; it has kept every fact, once. */
export async function checkReporting(books: Books, findings: Findings): Promise<{ reporting: string }> {
  const facts = await books.rows<Record<string, unknown>>(
    'reporting',
    `SELECT f.account_id account, f.ticket_id ticket, f.channel, f.version, f.closes, f.first_response_at IS NOT NULL answered FROM ticket_fact f JOIN reported_account a ON a.account_id = f.account_id AND a.build = f.build ORDER BY 2`,
  );
  const tickets = await books.rows<Record<string, unknown>>(
    'tickets',
    `SELECT t.account_id account, t.id ticket, t.channel_type channel, t.version,
       (SELECT count(*) FROM log l WHERE l.type = 'ticket.closed' AND l.envelope->>'ticket' = t.id::text) closes, t.first_response_at IS NOT NULL answered FROM ticket t ORDER BY 2`,
  );
  const told = new Set(facts.map((one) => JSON.stringify(one)));
  const differing = tickets.map((one) => JSON.stringify(one)).filter((one) => !told.has(one));
  findings.none('ticket that reporting sees otherwise', differing);
  findings.same('tickets in reporting', facts.length, tickets.length);
  await checkNumbers(books, findings);

  const kept = new Map((await books.rows<{ id: string; n: number }>('reporting', 'SELECT event_id id, count(*) n FROM event_log GROUP BY 1')).map(({ id, n }) => [id, n]));
  const said = (await factsOf(books)).filter(({ source }) => source !== 'reporting');
  findings.none('fact that reporting has not kept once', said.filter(({ id }) => kept.get(id) !== 1).map(({ type, id }) => `${type} ${id}`));
  findings.same('facts in reporting', kept.size, said.length);
  return { reporting: differing.length || facts.length !== tickets.length ? `${differing.length} tickets differ` : 'equal' };
}

/** Counts by metric and channel, against the tables of tickets. */
async function checkNumbers(books: Books, findings: Findings): Promise<void> {
  const counted = await books.rows<{ metric: string; channel: string; n: number }>(
    'reporting',
    `SELECT metric, channel, count(*) n FROM metric_value v JOIN reported_account a ON a.account_id = v.account_id AND a.build = v.build
     WHERE metric IN ('ticket-volume', 'first-response-time', 'replies', 'closes') GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  const expected = await books.rows<{ metric: string; channel: string; n: number }>(
    'tickets',
    `SELECT 'ticket-volume' metric, channel_type channel, count(*) n FROM ticket GROUP BY 2
     UNION ALL SELECT 'first-response-time', channel_type, count(*) FROM ticket WHERE first_response_at IS NOT NULL GROUP BY 2
     UNION ALL SELECT 'replies', t.channel_type, count(*) FROM message m JOIN ticket t ON t.id = m.ticket_id WHERE m.author_type = 'agent' GROUP BY 2
     UNION ALL SELECT 'closes', t.channel_type, count(*) FROM log l JOIN ticket t ON t.id::text = l.envelope->>'ticket' WHERE l.type = 'ticket.closed' GROUP BY 2 ORDER BY 1, 2`,
  );
  findings.same('numbers of reporting', counted, expected);
}
