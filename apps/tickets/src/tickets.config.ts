import { SERVICE_ENV } from '@parley/service/config';

/** What the tickets service reads from its environment: nothing but what every service does. */
export const TICKETS_ENV = { ...SERVICE_ENV };
