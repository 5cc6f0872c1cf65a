import { SECRET_KEY, SERVICE_ENV } from '@parley/service/config';
import type { z } from 'zod';

/** What the tickets service reads from its environment, beside what every service reads: the key for the hashes of erased identifiers. */
export const TICKETS_ENV = { ...SERVICE_ENV, PARLEY_SECRET_KEY: SECRET_KEY };
export type TicketsEnv = z.output<z.ZodObject<typeof TICKETS_ENV>>;
