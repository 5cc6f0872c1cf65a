import type { Identifier } from '@parley/contracts/channels';
import type { ReplyWarning } from '@parley/contracts/tickets';
import { parsePhoneNumberFromString } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/min/metadata';
import { DateTime } from 'luxon';

/** SMS-7: before eight in the morning and after eight in the evening, where the recipient is. */
const [MORNING, EVENING] = [8, 20];
const MINUTE = 60_000;

/** Where the recipient may be: in the profile's time zone, else in any zone of the number's country. */
export function zonesOf(customer: Pick<Identifier, 'type' | 'value'>, timezone: string | null): readonly string[] {
  if (timezone) return [timezone];
  const country = customer.type === 'phone' ? parsePhoneNumberFromString(customer.value, metadata)?.country : undefined;
  return country ? zonesOfCountry(country) : [];
}

/** As Unicode's CLDR has them, which the runtime brings along. */
function zonesOfCountry(country: string): readonly string[] {
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & { timeZones?: string[]; getTimeZones?: () => string[] };
  return (locale.getTimeZones ? locale.getTimeZones() : locale.timeZones) ?? [];
}

const known = new Map<string, { until: number; warning: ReplyWarning | null }>();

/** The warning of this moment; null where it is day in every zone, or nothing is known. A region with several zones is quiet where any of them is. */
export function quietHours(customer: Pick<Identifier, 'type' | 'value'>, timezone: string | null, at: Date): ReplyWarning | null {
  const zones = zonesOf(customer, timezone);
  const quiet = zones.find((zone) => isQuiet(at, zone));
  if (!quiet) return null;
  const key = `${quiet} ${zones.join(' ')}`;
  const minute = Math.floor(at.getTime() / MINUTE);
  if (known.get(key)?.until !== minute) known.set(key, { until: minute, warning: { kind: 'quiet_hours', timezone: quiet, localTime: localTime(at, quiet), sendAt: morning(at, zones).toISOString() } });
  return known.get(key)!.warning;
}

function isQuiet(at: Date, zone: string): boolean {
  const { hour, minute, second, millisecond } = DateTime.fromJSDate(at, { zone });
  return hour < MORNING || hour > EVENING || (hour === EVENING && minute + second + millisecond > 0);
}

const localTime = (at: Date, zone: string) => DateTime.fromJSDate(at, { zone }).startOf('minute').toISO({ suppressMilliseconds: true })!;

/** The next eight o'clock of a zone at which it is day in all of them; where there is none, the first. */
function morning(at: Date, zones: readonly string[]): Date {
  const mornings = zones.flatMap((zone) => [0, 1, 2].map((days) => DateTime.fromJSDate(at, { zone }).startOf('day').plus({ days }).set({ hour: MORNING }).toJSDate()));
  const coming = mornings.filter((one) => one > at).sort((a, b) => a.getTime() - b.getTime());
  return coming.find((one) => zones.every((zone) => !isQuiet(one, zone))) ?? coming[0]!;
}
