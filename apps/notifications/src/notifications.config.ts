import { SECRET_KEY, SERVICE_ENV } from '@parley/service/config';
import { z } from 'zod';

/** What notifications reads from its environment. */
export const NOTIFICATIONS_ENV = {
  ...SERVICE_ENV,
  PARLEY_SECRET_KEY: SECRET_KEY,
  PARLEY_OUTBOUND_SMTP_URL: z.string().regex(/^smtps?:\/\//, 'starts with smtp:// or smtps://').optional().describe('Mail server that takes our outgoing mail; without one no follow-up e-mail can be sent'),
};
export type NotificationsEnv = z.output<z.ZodObject<typeof NOTIFICATIONS_ENV>>;
