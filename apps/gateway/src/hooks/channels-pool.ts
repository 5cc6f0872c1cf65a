// eslint-disable-next-line @typescript-eslint/no-restricted-imports -- not into the world: only to our own replicas, by addresses from the configuration
import { Pool, type Dispatcher } from 'undici';

export type Delivery = { method: string; path: string; headers: Record<string, string | string[]>; body: Buffer };
export type Answered = { status: number; headers: Record<string, string | string[]>; body: Buffer };

/** A replica that is frozen is not waited for: the next one is asked. The provider's id makes the repeat harmless. */
const ANSWER_MS = 4000;
/** For so long a replica that failed is asked last. */
const AVOIDED_MS = 1000;

/** The replicas of channels, over kept-alive connections, in turn. */
export class ChannelsPool {
  private readonly replicas: { pool: Pool; avoidUntil: number }[];
  private turn = 0;

  constructor(urls: string[]) {
    this.replicas = urls.map((url) => ({ pool: new Pool(url, { connections: 64, pipelining: 1, connectTimeout: 1000, headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS, keepAliveTimeout: 10_000 }), avoidUntil: 0 }));
  }

  /** The answer of the first replica that gives one, whatever it says; null when none does. */
  async deliver({ method, path, headers, body }: Delivery): Promise<Answered | null> {
    for (const replica of this.inTurn()) {
      try {
        const answer = await replica.pool.request({ method: method as Dispatcher.HttpMethod, path, headers, body: body.length ? body : null });
        return { status: answer.statusCode, headers: answer.headers as Answered['headers'], body: Buffer.from(await answer.body.arrayBuffer()) };
      } catch {
        replica.avoidUntil = performance.now() + AVOIDED_MS;
      }
    }
    return null;
  }

  close() {
    return Promise.all(this.replicas.map(({ pool }) => pool.destroy()));
  }

  /** Each begins with another; those that failed just now come last, but they come: there may be no others. */
  private inTurn() {
    const start = this.turn++ % Math.max(1, this.replicas.length);
    const order = [...this.replicas.slice(start), ...this.replicas.slice(0, start)];
    const now = performance.now();
    return order.sort((a, b) => Number(a.avoidUntil > now) - Number(b.avoidUntil > now));
  }
}
