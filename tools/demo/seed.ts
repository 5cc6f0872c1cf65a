import { access } from '@parley/contracts/access';
import { channels, type Channel } from '@parley/contracts/channels';
import type { Ask } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { httpClient, type HttpClient } from '@parley/contracts/http-client';
import { profiles } from '@parley/contracts/profiles';
import { DEMO } from './account.js';

/** What a newcomer and the demo need to know of the demo account. */
export interface Seeded {
  /** True when the account was made just now. */
  fresh: boolean;
  accessToken: string;
  accountId: string;
  channels: Record<'webchat' | 'email' | 'sms' | 'whatsapp' | 'instagram', Channel>;
}

const CHANNELS: Record<keyof Seeded['channels'], Ask<typeof channels.create>> = {
  webchat: { type: 'webchat', name: DEMO.webchat.name, settings: { welcome: 'Hello! How can we help?', siteUrl: `${DEMO.site}/help` }, credentials: { identitySecret: DEMO.webchat.identitySecret } },
  email: { type: 'email', name: DEMO.email.name, settings: { address: DEMO.email.address, fromName: DEMO.email.fromName }, credentials: {} },
  sms: {
    type: 'sms',
    name: DEMO.sms.name,
    // People answer here.
    settings: { phoneNumber: DEMO.sms.phoneNumber, autoResponder: { audience: 'off' } },
    credentials: { accountSid: DEMO.sms.accountSid, authToken: DEMO.sms.authToken },
  },
  whatsapp: {
    type: 'whatsapp',
    name: DEMO.whatsapp.name,
    settings: { phoneNumber: DEMO.whatsapp.phoneNumber, phoneNumberId: DEMO.whatsapp.phoneNumberId, businessAccountId: DEMO.whatsapp.businessAccountId },
    credentials: DEMO.meta,
  },
  instagram: { type: 'instagram', name: DEMO.instagram.name, settings: { accountId: DEMO.instagram.accountId, humanAgent: true }, credentials: DEMO.meta },
};

/**
 * Loads the demo account through the public API: an owner, a second agent, a channel of each type, and a customer
 * who agreed to text messages. What is there already stays as it is, so that it can be asked at every start.
 */
export async function seed(gatewayUrl: string): Promise<Seeded> {
  const { fresh, accessToken, accountId } = await signIn(httpClient(gatewayUrl));
  const ask = httpClient(gatewayUrl, { authorization: `Bearer ${accessToken}` });
  if (fresh) await brand(ask);
  await colleague(ask);
  const connected = await connect(ask);
  await customer(ask);
  return { fresh, accessToken, accountId, channels: connected };
}

async function signIn(ask: HttpClient): Promise<{ fresh: boolean; accessToken: string; accountId: string }> {
  const { email, password } = DEMO.owner;
  try {
    const { accessToken, account } = await ask(access.login, { email, password });
    return { fresh: false, accessToken, accountId: account.id };
  } catch (error) {
    if (!(error instanceof ContractError && error.code === 'CREDENTIALS_WRONG')) throw error;
  }
  const { accessToken, account } = await ask(access.signUp, { name: DEMO.account, mode: 'test', timezone: 'Europe/Berlin', owner: DEMO.owner });
  return { fresh: true, accessToken, accountId: account.id };
}

/** The support address is the sender of follow-up e-mails: without one none is sent. */
async function brand(ask: HttpClient): Promise<void> {
  const { version } = await ask(access.getAccount, {});
  await ask(access.updateAccount, { ifMatch: version, senderEmail: DEMO.email.address, brandColor: '#0b5d4e', privacyUrl: `${DEMO.site}/privacy`, termsUrl: `${DEMO.site}/terms` });
}

async function colleague(ask: HttpClient): Promise<void> {
  const { items } = await ask(access.listUsers, { limit: 100 });
  if (!items.some(({ email }) => email === DEMO.agent.email)) await ask(access.createUser, { ...DEMO.agent, role: 'support' });
}

async function connect(ask: HttpClient): Promise<Seeded['channels']> {
  const { items } = await ask(channels.list, { limit: 100 });
  const found = async (type: keyof typeof CHANNELS) =>
    items.find((channel) => channel.type === type && channel.name === CHANNELS[type].name) ?? (await ask(channels.create, CHANNELS[type]));
  return { webchat: await found('webchat'), email: await found('email'), sms: await found('sms'), whatsapp: await found('whatsapp'), instagram: await found('instagram') };
}

/** Tells the pretended Meta where its webhooks go; it forgets that when it ends. */
export async function subscribe(pageUrl: string, { whatsapp, instagram }: Seeded['channels']): Promise<void> {
  const subscriptions = [
    { object: 'whatsapp_business_account', id: DEMO.whatsapp.phoneNumberId, webhookUrl: whatsapp.webhookUrl },
    { object: 'instagram', id: DEMO.instagram.accountId, webhookUrl: instagram.webhookUrl },
  ];
  for (const one of subscriptions) await fetch(`${pageUrl}/api/subscriptions`, { method: 'POST', body: JSON.stringify(one) });
}

/** SMS needs a grant before a reply may go out (TKT-11). */
async function customer(ask: HttpClient): Promise<void> {
  const { id, consents } = await ask(profiles.upsert, DEMO.customer);
  if (consents.sms_transactional) return;
  await ask(profiles.setConsent, { id, kind: 'sms_transactional', state: 'granted', source: 'demo', evidence: 'loaded with the demo account' });
}
