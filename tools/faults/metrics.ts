import type { System } from '../launcher/system.js';

const EVERY_MS = 500;
const GAP_READS = /^parley_log_gap_reads_total\{.*\} (\d+)/gm;

/** Adds up a counter of all processes; one that dies takes with it what it counted since it was last asked. */
export function countedMetrics(system: System): { end(): Promise<{ gapReads: number }> } {
  const seen = new Map<string, number>();
  const look = () => Promise.all(system.processes.map(async ({ name, pid, url }) => {
    const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(1000) }).then((response) => response.text(), () => '');
    const count = [...answer.matchAll(GAP_READS)].reduce((sum, [, value]) => sum + Number(value), 0);
    if (answer) seen.set(`${name} ${pid}`, count);
  }));
  const timer = setInterval(() => void look(), EVERY_MS * 6);
  return {
    async end() {
      clearInterval(timer);
      await look();
      return { gapReads: [...seen.values()].reduce((sum, count) => sum + count, 0) };
    },
  };
}
