import type { ServiceApp } from '@parley/service/service';
import { Notifications1795132800000 } from './migrations/2026-11-20-notifications.js';
import { StaffMail1795132861000 } from './migrations/2026-11-20-staff-mail.js';
import { NOTIFICATIONS_ENV } from './notifications.config.js';
import { NotificationsModule } from './notifications.module.js';

/** The notifications service: the public feed of what happened, and mail that goes out by itself. */
export const notificationsApp: ServiceApp = {
  name: 'notifications',
  module: NotificationsModule,
  env: NOTIFICATIONS_ENV,
  entities: [],
  migrations: [Notifications1795132800000, StaffMail1795132861000],
};
