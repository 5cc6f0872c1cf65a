import { EGRESS_ALLOW, FILES_ENV, SECRET_KEY, SERVICE_ENV } from '@parley/service/config';
import { z } from 'zod';

const SmtpUrl = z.string().regex(/^smtps?:\/\//, 'starts with smtp:// or smtps://');

/** What the channels service reads from its environment (OPS-3). */
export const CHANNELS_ENV = {
  ...SERVICE_ENV,
  ...FILES_ENV,
  PARLEY_SECRET_KEY: SECRET_KEY,
  PARLEY_TWILIO_BASE_URL: z.url({ protocol: /^https?$/ }).default('https://api.twilio.com').describe('Twilio’s REST API, or what stands for it'),
  PARLEY_TELNYX_BASE_URL: z.url({ protocol: /^https?$/ }).default('https://api.telnyx.com').describe('Telnyx’s REST API, or what stands for it'),
  PARLEY_GRAPH_BASE_URL: z.url({ protocol: /^https?$/ }).default('https://graph.facebook.com').describe('Meta’s Graph API, or what stands for it: WhatsApp, and Instagram by Facebook login'),
  PARLEY_INSTAGRAM_GRAPH_BASE_URL: z.url({ protocol: /^https?$/ }).default('https://graph.instagram.com').describe('The Graph API of Instagram login, or what stands for it'),
  PARLEY_GRAPH_VERSION: z.string().regex(/^v\d{1,3}\.\d$/).default('v26.0').describe('Version of the Graph API'),
  PARLEY_INBOUND_DOMAIN: z.string().regex(/^[a-z0-9.-]{1,200}$/).default('inbound.parley.localhost').describe('Domain of the generated mail addresses; its MX record leads to our SMTP listener'),
  PARLEY_SMTP_PORT: z.coerce.number().int().min(0).max(65_535).default(2525).describe('Port of the SMTP listener; 0: any free one'),
  PARLEY_SMTP_TLS_KEY: z.string().optional().describe('Private key (PEM) for STARTTLS at the SMTP listener; without key and certificate a pair is made at each start, which encrypts and vouches for nobody'),
  PARLEY_SMTP_TLS_CERT: z.string().optional().describe('Certificate chain (PEM) for STARTTLS at the SMTP listener'),
  PARLEY_IMAP_POLL_SECONDS: z.coerce.number().min(0.2).max(3600).default(300).describe('How often a mailbox is asked for new mail over IMAP, though its server has told of none'),
  PARLEY_OUTBOUND_SMTP_URL: SmtpUrl.default('smtp://127.0.0.1:2526').describe('Outgoing mail server where a channel has none of its own'),
  PARLEY_EGRESS_ALLOW_CIDRS: EGRESS_ALLOW,
};
export type ChannelsEnv = z.output<z.ZodObject<typeof CHANNELS_ENV>>;
