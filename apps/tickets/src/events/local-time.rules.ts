/** What clocks show in this time zone, with the offset from UTC: `2026-11-20T14:05:00+01:00`. */
export function localTime(at: Date, timezone: string): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: timezone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'longOffset',
  }).formatToParts(at);
  const { year, month, day, hour, minute, second, timeZoneName } = Object.fromEntries(parts.map(({ type, value }) => [type, value])) as Record<string, string>;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${timeZoneName!.slice('GMT'.length) || '+00:00'}`;
}
