import type { Books } from '../books.js';
import type { Findings } from '../findings.js';
import { grouped } from '../grouped.js';
import { tokenIn, type History, type Sent } from '../history.js';

interface Row {
  id: string;
  account: string;
  ticket: string;
  seq: number;
  direction: string;
  text: string;
  channel: string;
  conversation: string | null;
  place: number | null;
  outcome: string | null;
}

/** I1, I2: every accepted message stands exactly once, in exactly one thread, in the order in which it was accepted; nothing else does. */
export async function checkMessages(books: Books, history: History, findings: Findings): Promise<{ lost: number; doubled: number; outOfOrder: number }> {
  const rows = await messagesOf(books);
  const found = grouped(rows, ({ text, id }) => tokenIn(text) ?? id);
  const accepted = history.accepted;
  const expected = new Set(accepted.map(({ token }) => token));
  findings.none('lost', accepted.filter(({ token }) => !found.has(token)).map(({ token, conversation }) => `${token} of ${conversation}`));
  findings.none('doubled', [...found].filter(([token, all]) => expected.has(token) && all.length > 1).map(([token, all]) => `${token}: ${all.map(({ id }) => id).join(', ')}`));
  findings.none('never sent, or refused, and there', [...found].filter(([token]) => !expected.has(token)).flatMap(([, all]) => all.map(({ id, channel, text }) => `${id} by ${channel}: ${text.slice(0, 80)}`)));
  findings.none('in another account', accepted.filter(({ token, account }) => found.get(token)?.some((row) => row.account !== account)));
  findings.none('reply in another ticket', accepted.filter(({ token, kind, conversation }) => kind === 'reply' && found.get(token)?.some(({ ticket }) => ticket !== conversation)));
  findings.none('without the outcome thread', rows.filter(({ direction, outcome }) => direction === 'inbound' && outcome !== 'thread').map(({ id, outcome }) => `${id}: ${outcome}`));
  const threads = grouped(rows, ({ ticket }) => ticket);
  findings.none('gap in a thread', [...threads].filter(([, all]) => all.some(({ seq }, at) => seq !== at + 1)).map(([ticket]) => ticket));
  const inversions = [...conversationOrder(rows), ...acceptanceOrder(accepted, found)];
  findings.none('out of order', inversions);
  await checkOneTicketEach(accepted, found, findings, books);
  return { lost: findings.count('lost'), doubled: findings.count('doubled'), outOfOrder: inversions.length };
}

/** Every message of every thread, with what channels says of those that came in. */
async function messagesOf(books: Books): Promise<Row[]> {
  const rows = await books.rows<Row>(
    'tickets',
    `SELECT m.id, m.account_id account, m.ticket_id ticket, m.seq, m.direction, m.text, t.channel_type channel FROM message m JOIN ticket t ON t.id = m.ticket_id ORDER BY m.ticket_id, m.seq`,
  );
  const inbound = await books.rows<{ id: string; conversation: string; place: number; outcome: string | null }>('channels', 'SELECT id, conv_key conversation, conv_seq place, outcome FROM inbound_message');
  const byId = new Map(inbound.map((one) => [one.id, one]));
  return rows.map((row) => ({ ...row, ...(byId.get(row.id) ?? { conversation: null, place: null, outcome: null }) }));
}

/** Thread order = conv_seq order, without a gap. */
function conversationOrder(rows: Row[]): string[] {
  const inbound = rows.filter(({ direction }) => direction === 'inbound');
  return [...grouped(inbound, ({ conversation }) => conversation ?? 'none')].flatMap(([conversation, all]) =>
    all.filter(({ place }, at) => place !== at + 1).slice(0, 1).map(({ id }) => `${conversation}: ${id} is not at its place`));
}

/** What was accepted before another was first sent stands before it. Overlapping ones may stand either way. */
function acceptanceOrder(accepted: Sent[], found: Map<string, Row[]>): string[] {
  const inversions: string[] = [];
  for (const [conversation, all] of grouped(accepted.filter(({ kind }) => kind !== 'reply'), ({ account, conversation }) => `${account} ${conversation}`)) {
    const inThread = all.flatMap((sent) => found.get(sent.token)?.slice(0, 1).map(({ seq }) => ({ sent, seq })) ?? []).sort((a, b) => a.seq - b.seq);
    let latest = inThread[0]?.sent;
    for (const { sent } of inThread) {
      if (sent.acceptedAt! < latest!.sentAt) inversions.push(`${conversation}: ${sent.token} stands behind ${latest!.token}`);
      if (sent.sentAt > latest!.sentAt) latest = sent;
    }
  }
  return inversions;
}

/** TKT-2: one conversation, one ticket; and no ticket that nobody wrote to. */
async function checkOneTicketEach(accepted: Sent[], found: Map<string, Row[]>, findings: Findings, books: Books): Promise<void> {
  const inbound = accepted.filter(({ kind }) => kind !== 'reply');
  const tickets = grouped(inbound, ({ account, conversation }) => `${account} ${conversation}`);
  const several = [...tickets].map(([name, all]) => ({ name, tickets: new Set(all.flatMap(({ token }) => found.get(token)?.map(({ ticket }) => ticket) ?? [])) }));
  findings.none('more than one ticket for a conversation', several.filter((one) => one.tickets.size > 1).map(({ name, tickets: ids }) => `${name}: ${[...ids].join(', ')}`));
  const [count] = await books.rows<{ n: number }>('tickets', 'SELECT count(*) n FROM ticket');
  findings.same('tickets', count?.n, tickets.size);
}
