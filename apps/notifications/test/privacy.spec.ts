import { knowsWhatItHolds } from '@parley/service/testing/privacy';
import { notificationsApp } from '../src/notifications.app.js';
import { HOLDINGS } from '../src/privacy/holdings.js';

knowsWhatItHolds(notificationsApp, HOLDINGS, ['feed_event']);
