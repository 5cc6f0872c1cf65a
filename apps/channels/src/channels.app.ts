import type { ServiceApp } from '@parley/service/service';
import { ChannelEntity } from './channel/channel.entity.js';
import { CHANNELS_ENV } from './channels.config.js';
import { ChannelsModule } from './channels.module.js';
import { hookRoutes } from './hooks/hooks.routes.js';
import { SmtpListener } from './email/smtp.listener.js';
import { Care1763667000000 } from './migrations/1763667000000-care.js';
import { Channels1763640000000 } from './migrations/1763640000000-channels.js';
import { MailDoors1763665100000 } from './migrations/1763665100000-mail-doors.js';
import { MailSetup1763665200000 } from './migrations/1763665200000-mail-setup.js';
import { Staff1763665000000 } from './migrations/1763665000000-staff.js';
import { Mail1763640100000 } from './migrations/1763640100000-mail.js';
import { Links1763664000000 } from './migrations/1763664000000-links.js';
import { Templates1763662100000 } from './migrations/1763662100000-templates.js';
import { Meta1763662000000 } from './migrations/1763662000000-meta.js';
import { Thread1763663000000 } from './migrations/1763663000000-thread.js';
import { Files1763650210000 } from './migrations/1763650210000-files.js';
import { ChatSetup1763666000000 } from './migrations/1763666000000-chat-setup.js';
import { ChatProofs1763666100000 } from './migrations/1763666100000-chat-proofs.js';
import { ChatUploads1763666200000 } from './migrations/1763666200000-chat-uploads.js';
import { Webchat1763640200000 } from './migrations/1763640200000-webchat.js';

/** The five doors: takes in what customers write, sends what is answered. */
export const channelsApp: ServiceApp = {
  name: 'channels',
  module: ChannelsModule,
  env: CHANNELS_ENV,
  entities: [ChannelEntity],
  migrations: [Channels1763640000000, Mail1763640100000, Webchat1763640200000, Files1763650210000, Meta1763662000000, Templates1763662100000, Staff1763665000000, MailDoors1763665100000, MailSetup1763665200000, ChatSetup1763666000000, ChatProofs1763666100000, ChatUploads1763666200000, Care1763667000000, Thread1763663000000, Links1763664000000],
  http: hookRoutes,
  ports: (app) => ({ smtpPort: app.get(SmtpListener).port }),
};
