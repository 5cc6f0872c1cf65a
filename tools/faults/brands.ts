import { access } from '@parley/contracts/access';
import { channels, type Channel } from '@parley/contracts/channels';
import type { Ask } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { httpClient, type HttpClient } from '@parley/contracts/http-client';
import { profiles } from '@parley/contracts/profiles';
import { PRETEND_AUTH_TOKEN } from '../stand-ins/stand-ins.js';
import { patiently } from './patience.js';

export const ACCOUNT_SID = 'AC00000000000000000000000000000000';
export const IDENTITY_SECRET = 'an-identity-secret-that-is-none-0001';
const PASSWORD = 'no secret, for the fault harness';

/** An account with its channels and its owner, who also answers. */
export interface Brand {
  name: string;
  account: string;
  /** The access token of now: a person’s is good for ten minutes. */
  token(): Promise<string>;
  /** Asks at the nth gateway, counted round. */
  ask(nth: number): HttpClient;
  sms: Channel;
  chat: Channel;
  mail: Channel;
}

const RENEW_MS = 5 * 60_000;

/** Opens an account with a channel of each kind. */
export async function openBrand(name: string, number: string, gatewayUrls: string[]): Promise<Brand> {
  const url = (nth: number) => gatewayUrls[nth % gatewayUrls.length] ?? '';
  const email = `owner@${name}.example`;
  const login = () => patiently(() => httpClient(url(0))(access.login, { email, password: PASSWORD }));
  const signUp = () => httpClient(url(0))(access.signUp, { name, owner: { name: 'Olive Owner', email, password: PASSWORD } });
  const { accessToken, account } = await patiently(signUp).catch((error: unknown) => {
    if (error instanceof ContractError && error.code === 'EMAIL_TAKEN') return login(); // an answer was lost on the way
    throw error;
  });
  let current = { token: accessToken, at: performance.now() };
  const token = async () => {
    if (performance.now() - current.at > RENEW_MS) current = { token: (await login()).accessToken, at: performance.now() };
    return current.token;
  };
  const ask = (nth: number) => httpClient(url(nth), { authorization: async () => `Bearer ${await token()}` });
  const connect = (channel: Ask<typeof channels.create>) => patiently(() => ask(0)(channels.create, channels.create.input.parse(channel), { idempotencyKey: channel.type }));
  return {
    name, account: account.id, token, ask,
    sms: await connect({ type: 'sms', name: 'Texts', settings: { phoneNumber: number, autoResponder: { audience: 'off' } }, credentials: { accountSid: ACCOUNT_SID, authToken: PRETEND_AUTH_TOKEN } }),
    chat: await connect({ type: 'webchat', name: 'Chat', credentials: { identitySecret: IDENTITY_SECRET } }),
    mail: await connect({ type: 'email', name: 'Mail', settings: { address: `hello@${name}.example` } }),
  };
}

/** SMS may be answered only with a grant (TKT-11). */
export async function consent({ ask }: Brand, phone: string): Promise<void> {
  const { id } = await patiently(() => ask(0)(profiles.upsert, { phone }));
  await patiently(() => ask(0)(profiles.setConsent, { id, kind: 'sms_transactional', state: 'granted', source: 'fault harness' }));
}
