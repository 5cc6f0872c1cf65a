import { run } from '@parley/service/service';
import { gatewayApp } from './gateway.app.js';

await run(gatewayApp);
