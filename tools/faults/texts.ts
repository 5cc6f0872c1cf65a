import { randomUUID } from 'node:crypto';
import { twilioSignature } from '../stand-ins/signature.js';
import { PRETEND_AUTH_TOKEN } from '../stand-ins/stand-ins.js';
import { ACCOUNT_SID, type Brand } from './brands.js';
import type { Gateways } from './gateways.js';
import type { History, Outcome, Sent } from './history.js';
import { patienceMs } from './patience.js';
import type { Random } from './random.js';

/** How a message reaches us once more: at the same moment, or later. */
export type Repeat = 'none' | 'now' | 'later';
interface Letter {
  account: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** Customers who write text messages, through the provider’s signed webhooks. */
export class Texts {
  /** Redeliveries that are still to come. */
  private later: { at: number; letter: Letter }[] = [];
  private underWay = new Set<Promise<unknown>>();

  constructor(private readonly gateways: Gateways, private readonly history: History, private readonly random: Random) {}

  /** A customer writes; resolves when the message was accepted. */
  async write(brand: Brand, from: string, repeat: Repeat = 'none'): Promise<Sent> {
    const sent = this.history.begin('text', brand.account, from);
    const letter = letterOf(brand, from, `Where is my parcel? #${sent.token}`);
    const first = this.random.between(0, 1);
    if (repeat === 'now') this.again(letter, first + 1);
    await this.history.persist(sent, (nth, givenUpMs) => this.deliver(letter, first + nth, givenUpMs));
    if (repeat === 'later') this.later.push({ at: performance.now() + this.random.between(500, 8000), letter });
    return sent;
  }

  /** Somebody who is not the provider: must be refused, and never appear. */
  async forge(brand: Brand, from: string): Promise<void> {
    const letter = letterOf(brand, from, 'Give me your parcels. #forged-1', 'not-the-token-of-anybody');
    const { status } = await this.gateways.send(0, postOf(letter));
    if (status === 403) this.history.forged.refused++;
    else if (status >= 200 && status < 300) this.history.forged.taken++;
  }

  /** Delivers once more what is due; `all` at the end. */
  redeliver(all = false): void {
    const now = performance.now();
    const due = this.later.filter(({ at }) => all || at <= now);
    this.later = this.later.filter((one) => !due.includes(one));
    for (const { letter } of due) this.again(letter, this.random.between(0, 1));
  }

  /** Until every redelivery has its answer. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private again(letter: Letter, nth: number): void {
    this.history.repeats++;
    const done = this.history.once(() => this.deliver(letter, nth)).finally(() => this.underWay.delete(done));
    this.underWay.add(done);
  }

  private async deliver(letter: Letter, nth: number, givenUpMs = patienceMs(0)): Promise<Outcome> {
    const from = performance.now();
    const { outcome, status, body } = await this.gateways.send(nth, postOf(letter), givenUpMs);
    this.history.deliveries.push({ account: letter.account, from, tookMs: Math.round(performance.now() - from), outcome, turnedAway: status >= 300 || body.includes('ECONNREFUSED'), said: outcome === 'ok' ? '' : `${status} ${body}` });
    return outcome;
  }
}

const postOf = ({ account: _, ...letter }: Letter) => ({ method: 'POST', ...letter });

/** A signed delivery, ready to be sent as often as one likes. */
export function letterOf({ account, sms }: Brand, from: string, text: string, authToken = PRETEND_AUTH_TOKEN): Letter {
  const sid = `SM${randomUUID().replaceAll('-', '')}`;
  const form = { MessageSid: sid, SmsSid: sid, AccountSid: ACCOUNT_SID, ApiVersion: '2010-04-01', From: from, To: sms.address ?? '', Body: text, NumSegments: '1', NumMedia: '0', SmsStatus: 'received' };
  const url = sms.webhookUrl ?? '';
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': twilioSignature(authToken, url, form) };
  return { account, path: new URL(url).pathname, headers, body: new URLSearchParams(form).toString() };
}
