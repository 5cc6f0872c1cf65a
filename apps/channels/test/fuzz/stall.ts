import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

const TICK_MS = 5;

/**
 * How long the event loop did not get round because of us. `monitorEventLoopDelay` counts every pause of the process, also those in which a busy machine ran
 * somebody else; so what counts here is the processor time that this thread spent between two turns (`/proc`, in nanoseconds): a synchronous stretch
 * of 200 ms is one on any machine, however busy. Where there is no `/proc`, time passes for it.
 */
export class StallWatch {
  longestMs = 0;
  private last = spentMs();
  private readonly timer = setInterval(() => {
    const now = spentMs();
    this.longestMs = Math.max(this.longestMs, now - this.last);
    this.last = now;
  }, TICK_MS);

  /** The longest stretch until now, in milliseconds. */
  stop(): number {
    clearInterval(this.timer);
    return Math.round(Math.max(this.longestMs, spentMs() - this.last));
  }
}

function spentMs(): number {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6;
  } catch {
    return performance.now();
  }
}
