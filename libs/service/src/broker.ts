import { connect, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { logger } from './logging.js';

type OnMessage = (body: string, subject: string) => void;

/**
 * Core NATS: pushes, hints, log reads. Anything sent through it may be lost (messaging.md D1), so nothing waits for it:
 * while the server is away, publishing does nothing and asking fails at once.
 */
export class Broker {
  private connection: NatsConnection | null = null;
  private readonly wishes = new Set<{ subject: string; queue?: string; on: OnMessage; answer?: (body: string) => Promise<string>; subscription?: Subscription }>();
  private readonly reconnected: (() => void)[] = [];
  private closed = false;
  private starting: Promise<void> | null = null;

  constructor(private readonly url: string, private readonly prefix: string, private readonly name: string) {}

  /** True while the server can be reached. */
  connected = false;
  reconnects = 0;

  /** Connects, and keeps trying until it is closed. Resolves with the first connection. */
  start(): Promise<void> {
    return (this.starting ??= this.connect());
  }

  private async connect() {
    const connection = await this.firstConnection();
    if (!connection) return;
    this.connection = connection;
    this.connected = true;
    for (const wish of this.wishes) this.fulfil(wish);
    void this.watch(connection);
    for (const tell of this.reconnected) tell();
  }

  /** The client’s own waiting cannot be called off, and would hold up a stop. */
  private async firstConnection(): Promise<NatsConnection | null> {
    while (!this.closed) {
      try {
        return await connect({ servers: this.url, name: this.name, maxReconnectAttempts: -1, reconnectTimeWait: 200, reconnectJitter: 50, pingInterval: 2000, maxPingOut: 2 });
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
    return null;
  }

  private async watch(connection: NatsConnection) {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') this.connected = false;
      if (status.type !== 'reconnect') continue;
      this.connected = true;
      this.reconnects++;
      for (const tell of this.reconnected) tell();
    }
  }

  /** Calls back whenever the server can be reached again. */
  onConnect(tell: () => void) { this.reconnected.push(tell); }

  publish(subject: string, body: string | Uint8Array) {
    if (!this.connected) return;
    try {
      this.connection?.publish(`${this.prefix}.${subject}`, body);
    } catch (error) {
      logger.debug({ subject, error: String(error) }, 'push lost');
    }
  }

  /** Hears a subject (with `*` and `>`) until the returned function is called. */
  subscribe(subject: string, on: OnMessage): () => void {
    return this.wish({ subject, on });
  }

  /** Answers questions on a subject; one of the replicas in `queue` gets each. A failing answer is silence: the asker asks again. */
  answer(subject: string, queue: string, answer: (body: string) => Promise<string>): () => void {
    return this.wish({ subject, queue, on: () => undefined, answer });
  }

  /** Asks and waits at most `timeoutMs`. @throws when nobody is there or too late. */
  async ask(subject: string, body: string, timeoutMs = 1000): Promise<string> {
    if (!this.connection || !this.connected) throw new Error('broker is away');
    return (await this.connection.request(`${this.prefix}.${subject}`, body, { timeout: timeoutMs })).string();
  }

  /** Resolves when the server knows everything that was asked of it so far: what is published from now on is heard. */
  async flush() {
    await this.connection?.flush();
  }

  async close() {
    const { connection, connected } = this;
    Object.assign(this, { closed: true, connected: false, connection: null });
    if (connected) await connection?.drain().catch(() => undefined);
    else await connection?.close().catch(() => undefined);
    await this.starting;
  }

  private wish(wish: { subject: string; queue?: string; on: OnMessage; answer?: (body: string) => Promise<string>; subscription?: Subscription }) {
    this.wishes.add(wish);
    if (this.connection) this.fulfil(wish);
    return () => {
      this.wishes.delete(wish);
      wish.subscription?.unsubscribe();
    };
  }

  private fulfil(wish: { subject: string; queue?: string; on: OnMessage; answer?: (body: string) => Promise<string>; subscription?: Subscription }) {
    const from = this.prefix.length + 1;
    wish.subscription = this.connection!.subscribe(`${this.prefix}.${wish.subject}`, {
      ...(wish.queue && { queue: wish.queue }),
      callback: (error, message) => {
        if (error) return;
        if (wish.answer) void wish.answer(message.string()).then((reply) => message.respond(reply)).catch((failure) => logger.debug({ subject: wish.subject, error: String(failure) }, 'no answer'));
        else wish.on(message.string(), message.subject.slice(from));
      },
    });
  }
}
