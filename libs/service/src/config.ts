import { readFileSync } from 'node:fs';
import { z } from 'zod';

const base64Bytes = (count: number) => z.string().refine((value) => Buffer.from(value, 'base64').length === count, `is not ${count} bytes in base64`);

/** What every service reads from its environment (OPS-3). A service adds its own variables to this shape. */
export const SERVICE_ENV = {
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'starts with postgres://').describe('Postgres database of this service'),
  NATS_URL: z.string().default('nats://127.0.0.1:4222').describe('NATS server; may be down at the start'),
  REDIS_URL: z.string().regex(/^rediss?:\/\//, 'starts with redis://').default('redis://127.0.0.1:6379').describe('Redis of the alarm clock; may be emptied'),
  HOST: z.string().default('127.0.0.1').describe('Address to listen on'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(0).describe('Port to listen on; 0: any free one'),
  PARLEY_PREFIX: z.string().regex(/^[a-z0-9_-]{1,40}$/).default('parley').describe('Beginning of NATS subjects and queue names: one per installation'),
  PARLEY_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info').describe('Least severe level that is logged'),
  PARLEY_ACTOR_PUBLIC_KEY: z.string().optional().describe('Ed25519 public key (base64 SPKI DER) by which a service knows the gateway; every service but the gateway needs it'),
  PARLEY_SABOTAGE: z.enum(['cursor', 'head', 'timer']).optional().describe('Breaks one promise on purpose, for the negative controls of `npm run faults`; never set it'),
  PARLEY_PUBLIC_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:3000').describe('Where customers, providers and agents reach the gateway'),
};

/** The key that encrypts credentials and makes message authentication codes. */
export const SECRET_KEY = base64Bytes(32).describe('32 random bytes in base64: encrypts credentials, signs links and reply tokens');
/** Private networks that outgoing requests may reach, such as `10.0.0.0/8`, separated by commas. */
export const EGRESS_ALLOW = z.string().default('').describe('Private address ranges that outgoing requests may reach, separated by commas');

/** Where files are kept: the services that see their bytes share it. */
export const FILES_ENV = {
  PARLEY_FILES_DIR: z.string().min(1).default('.parley/files').describe('Folder of attachments, shared by gateways and channels; unused where there is a bucket'),
  PARLEY_FILES_S3_URL: z.url({ protocol: /^https?$/ }).optional().describe('Bucket of an S3-compatible service, such as https://s3.eu-central-1.amazonaws.com/bucket; attachments are then kept there'),
  PARLEY_FILES_S3_REGION: z.string().default('us-east-1').describe('Region of the bucket, as signatures name it'),
  PARLEY_FILES_S3_ACCESS_KEY_ID: z.string().optional().describe('Access key of the bucket'),
  PARLEY_FILES_S3_SECRET_ACCESS_KEY: z.string().optional().describe('Secret of the access key'),
};

/** The environment does not fit the schema; the message names every variable that is wrong. */
export class ConfigError extends Error {}

/**
 * Reads the variables of `shape` from the environment, or from `from` in tests. `NAME_FILE` names a file that holds NAME.
 * @throws ConfigError listing all faults at once, by name, and unknown PARLEY_ variables.
 */
export function readEnv<S extends z.ZodRawShape>(shape: S, from: Record<string, string | undefined> = process.env): z.output<z.ZodObject<S>> {
  const values = Object.fromEntries(Object.keys(shape).map((name) => [name, valueOf(name, from)]));
  const result = z.object(shape).safeParse(values);
  const unknown = Object.keys(from).filter((name) => name.startsWith('PARLEY_') && !(name.replace(/_FILE$/, '') in ALL_VARIABLES) && !(name.replace(/_FILE$/, '') in shape));
  const faults = [
    ...(result.success ? [] : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)),
    ...unknown.map((name) => `${name}: no such variable; see docs/configuration.md`),
  ];
  if (faults.length) throw new ConfigError(`The configuration is not right:\n  ${faults.join('\n  ')}`);
  return result.data as z.output<z.ZodObject<S>>;
}

/** Variables of other services and of our tools, which may stand in a shared environment. */
const ALL_VARIABLES: Record<string, true> = Object.fromEntries(
  ['PARLEY_PREFIX', 'PARLEY_LOG_LEVEL', 'PARLEY_ACTOR_PUBLIC_KEY', 'PARLEY_ACTOR_PRIVATE_KEY', 'PARLEY_PUBLIC_URL', 'PARLEY_SECRET_KEY', 'PARLEY_CHANNELS_URLS',
    'PARLEY_INBOUND_DOMAIN', 'PARLEY_SMTP_PORT', 'PARLEY_SMTP_TLS_KEY', 'PARLEY_SMTP_TLS_CERT', 'PARLEY_OUTBOUND_SMTP_URL', 'PARLEY_TWILIO_BASE_URL', 'PARLEY_EGRESS_ALLOW_CIDRS', 'PARLEY_SIGN_UP', 'PARLEY_RATE_LIMIT_PER_MINUTE',
    'PARLEY_TRUST_PROXY', 'PARLEY_FILES_DIR', 'PARLEY_FILES_S3_URL', 'PARLEY_FILES_S3_REGION', 'PARLEY_FILES_S3_ACCESS_KEY_ID', 'PARLEY_FILES_S3_SECRET_ACCESS_KEY',
  ].map((name) => [name, true]),
);

function valueOf(name: string, from: Record<string, string | undefined>) {
  const file = from[`${name}_FILE`];
  const value = file ? readFileSync(file, 'utf8').trim() : from[name];
  return value === '' ? undefined : value;
}
