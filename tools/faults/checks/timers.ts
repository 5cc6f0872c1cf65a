import type { Snooze } from '../agents.js';
import { SERVICES } from '../../launcher/databases.js';
import type { Books } from '../books.js';
import type { Findings } from '../findings.js';

interface Timer {
  ticket: string;
  due: Date;
  state: string;
}

/** I5, I6: every due timer is done or called off, once; each one done had one effect, and none had one before its time. */
export async function checkTimers(books: Books, snoozes: Snooze[], findings: Findings): Promise<{ due: number; fired: number; doubled: number }> {
  const unfinished: string[] = [];
  for (const service of SERVICES) {
    const rows = await books.rows<{ kind: string; state: string }>(service, `SELECT kind, state FROM scheduled_action WHERE state IN ('running', 'failed') OR (state = 'pending' AND due_at <= now())`);
    unfinished.push(...rows.map(({ kind, state }) => `${service} ${kind} ${state}`));
  }
  findings.none('timer that is due and not done', unfinished);

  const timers = await books.rows<Timer>('tickets', `SELECT subject_id ticket, due_at due, state FROM scheduled_action WHERE kind = 'snooze' ORDER BY subject_id, due_at`);
  const wakings = await books.rows<{ ticket: string; at: Date }>('tickets', `SELECT envelope->>'ticket' ticket, (envelope->>'time')::timestamptz at FROM log WHERE type = 'ticket.woken' AND envelope->'actor'->>'type' = 'automation' ORDER BY 2`);
  const done = timers.filter(({ state }) => state === 'done');
  const doubled: string[] = [];
  const missing: string[] = [];
  const early: string[] = [];
  for (const ticket of new Set([...timers, ...wakings].map((one) => one.ticket))) {
    const due = done.filter((timer) => timer.ticket === ticket);
    const woken = wakings.filter((waking) => waking.ticket === ticket);
    if (woken.length > due.length) doubled.push(`${ticket} was woken ${woken.length} times by ${due.length} timers`);
    if (woken.length < due.length) missing.push(`${ticket} was woken ${woken.length} times by ${due.length} timers`);
    early.push(...due.filter((timer, at) => woken[at] && woken[at].at < timer.due).map((timer) => `${ticket} before ${timer.due.toISOString()}`));
  }
  findings.none('timer with two effects', doubled);
  findings.none('timer without an effect', missing);
  findings.none('timer before its time', early);
  const known = new Set(timers.map(({ ticket, due }) => `${ticket} ${due.toISOString()}`));
  findings.none('snooze that has no timer', snoozes.filter(({ ticket, until }) => !known.has(`${ticket} ${until}`)));
  const called = new Set(snoozes.filter(({ woken }) => woken).map(({ ticket, until }) => `${ticket} ${until}`));
  findings.none('timer that rang although it was called off', done.filter(({ ticket, due }) => called.has(`${ticket} ${due.toISOString()}`)));
  return { due: done.length + unfinished.length, fired: wakings.length, doubled: doubled.length };
}
