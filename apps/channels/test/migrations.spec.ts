import { keepsItsSchema } from '@parley/service/testing/migrations';
import { channelsApp } from '../src/channels.app.js';

keepsItsSchema(channelsApp, { open: ['echo_waiting', 'file_leaving', 'media_waiting', 'channel_key', 'chat_lease', 'chat_token', 'imap_cursor', 'mail_token', 'mail_waiting', 'outbox', 'provider_round', 'short_link_key'] });
