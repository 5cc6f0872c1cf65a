import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forgetPostgres } from '../launcher/postgres.js';
import { startSystem, type System, type SystemPlan } from '../launcher/system.js';
import { PRETEND_AUTH_TOKEN, startStandIns, type StandIns } from '../stand-ins/stand-ins.js';
import { openApi, type Answer, type Api, type Json, type Question } from './api.js';

/** The services as they were built: `npm test` builds before it runs. */
const APPS = fileURLToPath(new URL('../../apps', import.meta.url));
export const ACCOUNT_SID = 'ACffffffffffffffffffffffffffffffff';
export { PRETEND_AUTH_TOKEN as AUTH_TOKEN } from '../stand-ins/stand-ins.js';
export const IDENTITY_SECRET = 'an-identity-secret-of-the-tests-0001';

/** A whole system with the world around it, for one spec file. */
export interface Town {
  system: System;
  world: StandIns;
  api: Api;
  /** By the second gateway. */
  api2: Api;
  smtpPort: number;
  /** Opens an account with its owner signed in. */
  brand(more?: object): Promise<Brand>;
  close(): Promise<void>;
}

/** An account and its owner. */
export interface Brand {
  account: Json;
  owner: Json;
  token: string;
  password: string;
  /** Asks as the owner. */
  ask(question: string, body?: unknown, more?: Question): Promise<Answer>;
  /** Connects a channel; the answer is the channel. */
  connect: { webchat(): Promise<Json>; email(): Promise<Json>; sms(): Promise<Json> };
}

/** Starts everything in a folder of its own, two gateways and two ticket services unless told otherwise. */
export async function openTown(plan: Partial<SystemPlan> = {}): Promise<Town> {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-e2e-'));
  chmodSync(dataDir, 0o711);
  const forget = () => {
    forgetPostgres(dataDir);
    rmSync(dataDir, { recursive: true, force: true });
  };
  const world = await startStandIns();
  try {
    const env = { PARLEY_TWILIO_BASE_URL: world.twilioUrl, PARLEY_TELNYX_BASE_URL: world.telnyxUrl, PARLEY_GRAPH_BASE_URL: world.graphUrl, PARLEY_INSTAGRAM_GRAPH_BASE_URL: world.graphUrl, PARLEY_OUTBOUND_SMTP_URL: world.smtpUrl, PARLEY_EGRESS_ALLOW_CIDRS: '127.0.0.0/8', PARLEY_LOG_LEVEL: 'warn', ...plan.env };
    const system = await startSystem({ dataDir, appsDir: APPS, replicas: { gateway: 2, tickets: 2 }, restartCrashed: false, ...plan, env });
    const api = await openApi(system.gatewayUrls[0] ?? '');
    const api2 = api.through(system.gatewayUrls[1] ?? system.gatewayUrls[0] ?? '');
    const close = async () => {
      await system.stop();
      await world.close();
      forget();
    };
    return { system, world, api, api2, smtpPort: system.smtpPorts[0] ?? 0, brand: (more) => openBrand(api, more), close };
  } catch (error) {
    await world.close();
    forget();
    throw error;
  }
}

let numbers = 0;

async function openBrand(api: Api, more: object = {}): Promise<Brand> {
  const name = randomUUID().slice(0, 8);
  const password = 'a password only for tests';
  const { body } = await api.call('POST /v1/accounts', { body: { name: `Brand ${name}`, mode: 'test', owner: { name: 'Olive', email: `olive@${name}.example`, password }, ...more } });
  const token = body.accessToken as string;
  const ask: Brand['ask'] = (question, sent, extra) => api.call(question, { token, body: sent, ...extra });
  const connect = async (channel: object) => (await ask('POST /v1/channels', channel)).body as Json;
  return {
    account: body.account,
    owner: body.user,
    token,
    password,
    ask,
    connect: {
      webchat: () => connect({ type: 'webchat', name: 'Chat', credentials: { identitySecret: IDENTITY_SECRET } }),
      email: () => connect({ type: 'email', name: 'Mail', settings: { address: `support@${name}.example` } }),
      sms: () => connect({ type: 'sms', name: 'Texts', settings: { phoneNumber: `+1500555${String(1000 + numbers++)}`, autoResponder: { audience: 'off' } }, credentials: { accountSid: ACCOUNT_SID, authToken: PRETEND_AUTH_TOKEN } }),
    },
  };
}
