const HOUR_MS = 3_600_000;

/** A zone in which it is about noon at this instant, and the day it is there: a test that asks for "today" does not run over midnight. */
export function noonAt(at: Date): { timezone: string; day: string } {
  const ahead = 12 - at.getUTCHours();
  // The signs of these zones are turned round: Etc/GMT-5 is five hours ahead of UTC.
  return { timezone: `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`, day: new Date(at.getTime() + ahead * HOUR_MS).toISOString().slice(0, 10) };
}
