import type { FactoryProvider } from '@nestjs/common';
import { ENV } from '@parley/service/service';
import { type ChannelAdapter, type ConnectedChannel, type OutboundAdapter } from './adapter.js';
import type { ChannelsEnv } from './channels.config.js';
import { EmailAdapter } from './email/email.adapter.js';
import { mailHooks } from './email/hooks/mail-hook.adapter.js';
import { InstagramAdapter } from './instagram/instagram.adapter.js';
import { Graph } from './meta/graph.client.js';
import { TelnyxAdapter } from './sms/telnyx.adapter.js';
import { TwilioAdapter } from './sms/twilio.adapter.js';
import { WhatsappAdapter } from './whatsapp/whatsapp.adapter.js';

/** Every adapter there is, by channel and provider. Web chat has none: its doors are the gateway's sockets. */
export class Adapters {
  constructor(private readonly all: readonly OutboundAdapter[]) {}

  /** How answers leave this channel; null: by no provider. */
  outbound(channel: Pick<ConnectedChannel, 'type' | 'provider'>): OutboundAdapter | null {
    return this.all.find((one) => one.channel === channel.type && one.provider === channel.provider) ?? null;
  }

  /** Who reads what this channel's provider posts to our webhook; null: it posts nothing. */
  hook(channel: Pick<ConnectedChannel, 'type' | 'provider'>): ChannelAdapter | null {
    const adapter = this.outbound(channel);
    return adapter && 'verify' in adapter ? (adapter as ChannelAdapter) : null;
  }
}

/** The table: a new channel is one more line. */
export const adapters: FactoryProvider<Adapters> = {
  provide: Adapters,
  inject: [ENV, EmailAdapter],
  useFactory: (env: ChannelsEnv, email: EmailAdapter) => {
    const graph = new Graph(root(env.PARLEY_GRAPH_BASE_URL), env.PARLEY_GRAPH_VERSION);
    const instagramGraph = new Graph(root(env.PARLEY_INSTAGRAM_GRAPH_BASE_URL), env.PARLEY_GRAPH_VERSION);
    return new Adapters([
      new TwilioAdapter(root(env.PARLEY_TWILIO_BASE_URL)),
      new TelnyxAdapter(root(env.PARLEY_TELNYX_BASE_URL)),
      new WhatsappAdapter(graph),
      new InstagramAdapter({ instagram: instagramGraph, facebook: graph }),
      email,
      ...mailHooks(email),
    ]);
  },
};

const root = (url: string) => url.replace(/\/$/, '');
