import { PRETEND_ACCESS_TOKEN, PRETEND_APP_SECRET } from '../stand-ins/meta/world.js';
import { PRETEND_AUTH_TOKEN } from '../stand-ins/stand-ins.js';

/** The demo account: everything in it is made up, and nothing in it is a secret. */
export const DEMO = {
  account: 'Harbour Teas (demo)',
  site: 'https://harbour-teas.demo.parley.test',
  owner: { name: 'Olive Owner', email: 'owner@demo.parley.test', password: 'demo-only-not-a-secret' },
  agent: { name: 'Aki Agent', email: 'agent@demo.parley.test', password: 'demo-only-not-a-secret' },
  webchat: { name: 'Chat on the shop', identitySecret: 'demo-only-not-a-secret-identity-key-0001' },
  email: { name: 'Mail to the shop', address: 'hello@harbour-teas.demo.parley.test', fromName: 'Harbour Teas' },
  sms: { name: 'Texts to the shop', phoneNumber: '+15005550006', accountSid: 'ACdemo00000000000000000000000000000', authToken: PRETEND_AUTH_TOKEN },
  whatsapp: { name: 'WhatsApp of the shop', phoneNumber: '+15005550111', phoneNumberId: '106540352242922', businessAccountId: '102290129340398' },
  instagram: { name: 'Instagram of the shop', accountId: '17841400008460056' },
  meta: { appSecrets: [PRETEND_APP_SECRET] as string[], verifyToken: 'demo-only-not-a-secret', accessToken: PRETEND_ACCESS_TOKEN },
  customer: { name: 'Cleo Customer', email: 'cleo@customer.demo.parley.test', phone: '+15005550100', externalId: 'demo-cleo' },
} as const;
