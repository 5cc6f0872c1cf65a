import { z } from 'zod';

export const Weekday = z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']).meta({ id: 'Weekday' });
export type Weekday = z.infer<typeof Weekday>;
export const WallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is no time of day, such as 09:00').meta({ id: 'WallTime' });
const EndOfInterval = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'is no time of day, such as 17:30 or 24:00');

const Interval = z.strictObject({ from: WallTime, to: EndOfInterval.describe('Exclusive') }).refine(({ from, to }) => from < to, 'ends before it begins');
const Day = z.array(Interval).max(10).refine((day) => day.every((one, n) => n === 0 || day[n - 1]!.to <= one.from), 'has intervals that overlap or are out of order');

/** Several intervals per weekday, by the clock of the account's zone; days without an entry are closed, and so are holidays. */
export const OfficeHours = z
  .strictObject({
    weekly: z.partialRecord(Weekday, Day),
    holidays: z.array(z.iso.date()).max(400).default([]).describe('Dates on which nobody works'),
  })
  .meta({ id: 'OfficeHours' });
export type OfficeHours = z.infer<typeof OfficeHours>;
