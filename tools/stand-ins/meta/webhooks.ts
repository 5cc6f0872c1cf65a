import { createHmac, randomUUID } from 'node:crypto';
import { PRETEND_APP_SECRET, type Subscription } from './world.js';

/** A new id in WhatsApp's form, and in Instagram's. */
export const newWamid = () => `wamid.${Buffer.from(randomUUID()).toString('base64')}`;
export const newMid = () => `aWdf${Buffer.from(randomUUID()).toString('base64url')}`;

/** Posts a webhook as Meta does: JSON with everything beyond ASCII escaped, signed over those bytes. */
export async function postWebhook({ webhookUrl, through = webhookUrl }: Pick<Subscription, 'webhookUrl' | 'through'>, delivery: object, appSecret = PRETEND_APP_SECRET): Promise<{ status: number; body: string }> {
  const body = escaped(JSON.stringify(delivery));
  const headers = { 'content-type': 'application/json', 'user-agent': 'facebookexternalua', 'x-hub-signature-256': `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}` };
  const response = await fetch(through, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(15_000) });
  return { status: response.status, body: await response.text() };
}

const escaped = (json: string) => json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** A delivery of WhatsApp for one number. */
export const whatsappDelivery = (phoneNumberId: string, value: object, field = 'messages') => ({
  object: 'whatsapp_business_account',
  entry: [{ id: '102290129340398', changes: [{ field, value: { messaging_product: 'whatsapp', metadata: { display_phone_number: '15005550111', phone_number_id: phoneNumberId }, ...value } }] }],
});

/** A delivery of Instagram for one account. */
export const instagramDelivery = (accountId: string, ...messaging: object[]) => ({ object: 'instagram', entry: [{ id: accountId, time: Date.now(), messaging }] });
