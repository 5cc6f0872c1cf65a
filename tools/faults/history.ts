import { setTimeout as pause } from 'node:timers/promises';
import { patienceMs } from './patience.js';

/** What a client learnt of one try: `unknown` is a timeout or a cut, and neither a failure nor a success. */
export type Outcome = 'ok' | 'fail' | 'unknown';
export type Kind = 'text' | 'chat' | 'mail' | 'reply';

/** One message that somebody wanted to send: it must appear exactly once if it was accepted, and never if it was not. */
export interface Sent {
  /** Stands in the text of the message, as `#t-17`. */
  token: string;
  kind: Kind;
  account: string;
  /** Those of one conversation stand in one thread, in the order in which they were accepted. */
  conversation: string;
  /** First try, and first acceptance, by `performance.now()`. */
  sentAt: number;
  acceptedAt?: number;
}

/** The token in a message. */
export const tokenIn = (text: string) => /#([a-z]+-\d+)/.exec(text)?.[1];

/** A delivery of a webhook, for what must hold while the broker is away. */
export interface Delivery {
  account: string;
  from: number;
  tookMs: number;
  outcome: Outcome;
  /** Was there an answer, and was it no? A client that did not wait for one was not turned away. */
  turnedAway: boolean;
  /** Status and answer, or the error. */
  said: string;
}

/** Everything the clients did. */
export class History {
  readonly sent = new Map<string, Sent>();
  readonly deliveries: Delivery[] = [];
  /** Forged messages that were refused, or were not. */
  readonly forged = { refused: 0, taken: 0 };
  tries = 0;
  repeats = 0;
  unknown = 0;
  private last = 0;

  get accepted() {
    return [...this.sent.values()].filter((one) => one.acceptedAt !== undefined);
  }

  /** A message that is about to be sent. */
  begin(kind: Kind, account: string, conversation: string): Sent {
    const one: Sent = { token: `${kind.slice(0, 1)}-${++this.last}`, kind, account, conversation, sentAt: performance.now() };
    this.sent.set(one.token, one);
    return one;
  }

  /** Tries until it is accepted, under the same id: an unknown outcome must not be left at that. Rejects when that takes longer than three minutes. */
  async persist(one: Sent, attempt: (nth: number, givenUpMs: number) => Promise<Outcome>): Promise<void> {
    const deadline = performance.now() + 180_000;
    let givenUp = 0;
    for (let nth = 0; performance.now() < deadline; nth++) {
      const [from, givenUpMs] = [performance.now(), patienceMs(givenUp)];
      if ((await this.once(() => attempt(nth, givenUpMs))) === 'ok') {
        one.acceptedAt ??= performance.now();
        return;
      }
      if (performance.now() - from > givenUpMs / 2) givenUp++;
      await pause(100 + Math.min(nth, 9) * 50);
    }
    throw new Error(`#${one.token} was not accepted within three minutes`);
  }

  /** One try, counted. */
  async once(attempt: () => Promise<Outcome>): Promise<Outcome> {
    this.tries++;
    const outcome = await attempt();
    if (outcome === 'unknown') this.unknown++;
    return outcome;
  }
}
