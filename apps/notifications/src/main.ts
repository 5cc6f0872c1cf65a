import { run } from '@parley/service/service';
import { notificationsApp } from './notifications.app.js';

await run(notificationsApp);
