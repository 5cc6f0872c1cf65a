import { run } from '@parley/service/service';
import { ticketsApp } from './tickets.app.js';

await run(ticketsApp);
