import type { Envelope } from '@parley/contracts/events';
import type { TicketSnapshot } from '@parley/contracts/tickets';
import { setTimeout as pause } from 'node:timers/promises';
import type { System } from '../launcher/system.js';
import { answerTickets, Sleepers, type Snooze } from './agents.js';
import { consent, openBrand, type Brand } from './brands.js';
import { gatewaysAt } from './gateways.js';
import { History, tokenIn } from './history.js';
import { writeMails } from './mailers.js';
import { randomOf, type Random } from './random.js';
import { feedReader, liveReader, type Reader } from './readers.js';
import { Texts, type Repeat } from './texts.js';
import { openVisitor, type Visitor } from './visitors.js';

/** Conversations by text; those who are answered; tickets that are put to sleep; visitors of the website. */
const WRITERS = 100;
const ANSWERED = 10;
const SLEEPERS = 60;
const VISITORS = 4;
/** Deliveries that may be on their way at one time. */
const MOST_AT_ONCE = 64;
const TICK_MS = 20;

/** Everything the clients did and got, for the checks. */
export interface Played {
  brands: Brand[];
  history: History;
  readers: Reader[];
  visitors: Visitor[];
  snoozes: Snooze[];
  /** Hangs up: call it when everything has drained. */
  close(): Promise<void>;
}

/** Opens two brands and lets their customers and agents be busy until `messages` are sent and `over` says so. */
export async function playClients(system: System, { seed, messages, seconds, over }: { seed: number; messages: number; seconds: number; over: () => boolean }): Promise<Played> {
  const urls = system.gatewayUrls;
  const random = randomOf(seed + 1);
  const [main, other] = [await openBrand('harbour', '+15005550006', urls), await openBrand('valley', '+15005550007', urls)];
  const history = new History();
  const gateways = gatewaysAt(urls);
  const texts = new Texts(gateways, history, random);
  const state = { ended: false };
  const ended = () => state.ended;
  const answered = phones('+1201555', ANSWERED);
  for (const phone of answered) await consent(main, phone);

  const desk = new Desk(history, new Set(phones('+1202555', SLEEPERS)), answered);
  const sleepers = new Sleepers(main, random, ended);
  const background: Promise<unknown>[] = [];
  const heard = (envelope: Envelope) => {
    const asleep = desk.see(envelope);
    if (asleep) background.push(sleepers.sleep(asleep));
  };
  const readers = [liveReader(main, urls, heard), liveReader(other, urls, () => {}), feedReader(main)];
  const visitors = await Promise.all(Array.from({ length: VISITORS }, (_, nth) => openVisitor(main, `visitor-${nth}`, urls, history, ended)));
  background.push(...visitors.map(({ done }) => done), writeMails(main, system.smtpPorts, history, ended), answerTickets(main, () => [...desk.answerable.values()], history, random, ended));
  for (const phone of [...desk.sleepers, ...answered]) background.push(texts.write(main, phone));

  await writeTexts(texts, { main, other, random, history, messages, seconds, over });
  state.ended = true;
  texts.redeliver(true);
  await Promise.all([...background, texts.settled()]);
  const close = async () => {
    await Promise.all([...readers.map((reader) => reader.close()), ...visitors.map(({ line }) => line.close())]);
    await gateways.close();
  };
  return { brands: [main, other], history, readers, visitors, snoozes: sleepers.snoozes, close };
}

const phones = (prefix: string, count: number) => Array.from({ length: count }, (_, nth) => `${prefix}${String(1000 + nth)}`);

/** What agents act on: what their socket shows. */
class Desk {
  /** Tickets that may be answered: mails, chats, and texts of those who agreed. */
  readonly answerable = new Map<string, TicketSnapshot>();
  private readonly asleep = new Set<string>();

  constructor(private readonly history: History, readonly sleepers: Set<string>, private readonly agreed: string[]) {}

  /** Answers a ticket that is to be put to sleep. */
  see({ type, data }: Envelope): TicketSnapshot | undefined {
    if (type === 'ticket.woken') return this.asleep.has(String(data['id'])) ? (data as TicketSnapshot) : undefined;
    if (type !== 'message.received') return undefined;
    const { message, ticket } = data as unknown as { message: { text: string }; ticket: TicketSnapshot };
    const phone = this.history.sent.get(tokenIn(message.text) ?? '')?.conversation ?? '';
    if (ticket.channel !== 'sms' || this.agreed.includes(phone)) this.answerable.set(ticket.id, ticket);
    if (!this.sleepers.has(phone)) return undefined;
    this.asleep.add(ticket.id);
    return ticket;
  }
}

interface Bulk {
  main: Brand;
  other: Brand;
  random: Random;
  history: History;
  messages: number;
  seconds: number;
  over: () => boolean;
}

/** The bulk: evenly over the time, and what a fault held up is made up for. A tenth comes twice at once, a tenth again later. */
async function writeTexts(texts: Texts, { main, other, random, history, messages, seconds, over }: Bulk): Promise<void> {
  const writers = phones('+1203555', WRITERS);
  const others = phones('+1204555', WRITERS / 10);
  const began = performance.now();
  const onTheirWay = new Set<Promise<unknown>>();
  const failures: unknown[] = [];
  const perSecond = (messages * 1.05) / (seconds * 0.95);
  for (let begun = 0; begun < messages || !over(); ) {
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond);
    for (; begun < due && onTheirWay.size < MOST_AT_ONCE; begun++) {
      const chance = random.next();
      const repeat: Repeat = chance < 0.1 ? 'now' : chance < 0.2 ? 'later' : 'none';
      const [brand, from] = random.next() < 0.05 ? [other, random.pick(others)] : [main, random.pick(writers)];
      const written = texts.write(brand, from, repeat).catch((error: unknown) => failures.push(error)).finally(() => onTheirWay.delete(written));
      onTheirWay.add(written);
      if (begun % 200 === 0) void texts.forge(brand, from);
    }
    texts.redeliver();
    if (failures.length) throw failures[0];
    if (performance.now() - began > seconds * 10_000) throw new Error(`only ${history.accepted.length} of ${messages} messages were accepted in ten times the time`);
    await pause(TICK_MS);
  }
  await Promise.all(onTheirWay);
  if (failures.length) throw failures[0];
}
