import { keepsItsSchema } from '@parley/service/testing/migrations';
import { channelsApp } from '../src/channels.app.js';

keepsItsSchema(channelsApp, { open: ['channel_key', 'chat_lease', 'chat_token', 'imap_cursor', 'mail_token', 'mail_waiting', 'outbox'] });
