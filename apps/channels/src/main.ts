import { run } from '@parley/service/service';
import { channelsApp } from './channels.app.js';

await run(channelsApp);
