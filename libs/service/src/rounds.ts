import { errorFields, logger } from './logging.js';

/**
 * Work in the background that looks again and again whether there is something to do: a round, a pause, a round. Rounds never
 * overlap; what one throws is logged, and the next one comes all the same.
 */
export class Rounds {
  /** Long rounds look at it and leave early. */
  stopped = false;
  private timer?: NodeJS.Timeout;
  private running: Promise<void> = Promise.resolve();

  /** `failure` is what the log says of a round that threw. */
  constructor(private readonly round: () => Promise<unknown>, private readonly pauseMs: number, private readonly failure: string) {}

  start() {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.once();
    }, this.pauseMs);
  }

  /** No round begins any more; resolves when the one under way has ended. */
  async stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async once() {
    await this.round().catch((error) => logger.warn(errorFields(error), this.failure));
    this.start();
  }
}
