import { keepsItsSchema } from '@parley/service/testing/migrations';
import { notificationsApp } from '../src/notifications.app.js';

keepsItsSchema(notificationsApp, { open: ['feed_counter', 'mail_due'] });
