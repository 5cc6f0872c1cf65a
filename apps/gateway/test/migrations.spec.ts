import { keepsItsSchema } from '@parley/service/testing/migrations';
import { gatewayApp } from '../src/gateway.app.js';

keepsItsSchema(gatewayApp, { open: ['api_key_lookup', 'attempt', 'erase_due', 'person', 'person_account', 'refresh_token', 'session'] });
