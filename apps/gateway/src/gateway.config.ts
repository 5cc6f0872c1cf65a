import { EGRESS_ALLOW, FILES_ENV, SECRET_KEY, SERVICE_ENV } from '@parley/service/config';
import { z } from 'zod';

const list = (text: string) => text.split(',').map((part) => part.trim()).filter(Boolean);

/** What the gateway reads from its environment, beside what every service reads. */
export const GATEWAY_ENV = {
  ...SERVICE_ENV,
  ...FILES_ENV,
  PARLEY_EGRESS_ALLOW_CIDRS: EGRESS_ALLOW,
  PARLEY_ACTOR_PRIVATE_KEY: z.string().min(1).describe('Ed25519 private key (base64 PKCS8 DER): the gateway signs with it on whose behalf it asks'),
  PARLEY_SECRET_KEY: SECRET_KEY,
  PARLEY_CHANNELS_URLS: z
    .string()
    .default('')
    .transform(list)
    .refine((urls) => urls.every((url) => URL.canParse(url)), 'holds something that is no URL')
    .describe('Base URLs of the replicas of channels, separated by commas: they take the webhooks'),
  PARLEY_SIGN_UP: z.enum(['open', 'closed']).default('open').describe('May anybody open an account?'),
  PARLEY_RATE_LIMIT_PER_MINUTE: z.coerce.number().int().min(1).default(6000).describe('Requests a minute of one person or key, per gateway process; an account may send ten times as many'),
  PARLEY_TRUST_PROXY: z.string().default('').transform(list).describe('Address ranges of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8, separated by commas'),
};
export type GatewayEnv = z.output<z.ZodObject<typeof GATEWAY_ENV>>;
