import type { StandIns } from '../../stand-ins/stand-ins.js';
import type { Findings } from '../findings.js';
import { tokenIn, type Delivery, type History } from '../history.js';
import type { Done } from '../inflict.js';
import type { Visitor } from '../visitors.js';

/** What the world outside saw: every reply reached its customer (I7), no forged message was taken, and no webhook was turned away while the broker was gone. */
export function checkOutside(history: History, { world, visitors, faults }: { world: StandIns; visitors: Visitor[]; faults: Done[] }, findings: Findings): void {
  const shown = visitors.flatMap(({ line }) => line.frames.flatMap((frame) => (frame.type === 'message' ? frame.message.text : [])));
  const reached = new Set([...world.received.sms.map(({ body }) => body), ...world.received.mails.map(({ text }) => text), ...shown].map(tokenIn));
  findings.none('reply that reached nobody', history.accepted.filter(({ kind, token }) => kind === 'reply' && !reached.has(token)).map(({ token, conversation }) => `${token} to ${conversation}`));
  findings.none('message in no chat window', history.accepted.filter(({ kind, token }) => kind === 'chat' && !reached.has(token)).map(({ token }) => token));
  findings.none('forged message taken', Array.from({ length: history.forged.taken }, () => 'one'));
  // Only what met nothing else than the outage: the next fault may strike before an answer has come.
  const meets = ({ from, to }: Done, { from: sent, tookMs }: Delivery) => sent < to && sent + tookMs > from;
  const [outages, others] = [faults.filter(({ fault }) => fault.kind === 'nats'), faults.filter(({ fault }) => fault.kind !== 'nats')];
  const then = (one: Delivery) => outages.some(({ from, to }) => one.from > from && one.from < to) && !others.some((other) => meets(other, one));
  findings.none('webhook turned away while NATS was gone', history.deliveries.filter((one) => one.turnedAway && then(one)).map(({ tookMs, said }) => `after ${tookMs} ms: ${said}`));
}
