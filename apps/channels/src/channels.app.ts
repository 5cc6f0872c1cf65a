import type { ServiceApp } from '@parley/service/service';
import { ChannelEntity } from './channel/channel.entity.js';
import { CHANNELS_ENV } from './channels.config.js';
import { ChannelsModule } from './channels.module.js';
import { hookRoutes } from './hooks/hooks.routes.js';
import { Channels1763640000000 } from './migrations/1763640000000-channels.js';

/** The five doors: takes in what customers write, sends what is answered. */
export const channelsApp: ServiceApp = {
  name: 'channels',
  module: ChannelsModule,
  env: CHANNELS_ENV,
  entities: [ChannelEntity],
  migrations: [Channels1763640000000],
  http: hookRoutes,
};
