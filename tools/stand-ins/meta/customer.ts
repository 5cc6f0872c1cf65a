import { instagramDelivery, newMid, newWamid, postWebhook, whatsappDelivery } from './webhooks.js';

type Door = { webhookUrl: string; through?: string; appSecret?: string };

/** A message of a WhatsApp customer: words, or anything else that the Cloud API knows (`more`, such as an image by its id). */
export interface CustomerWhatsapp extends Door {
  phoneNumberId: string;
  /** Digits without plus; left out of somebody who shows no number. */
  from?: string;
  userId?: string;
  name?: string;
  text?: string;
  more?: Record<string, unknown>;
  /** Names the message; the same again is a redelivery. */
  id?: string;
}

/** Meta's delivery of it, signed. Never repeats by itself. */
export async function customerWhatsapps({ phoneNumberId, from, userId, name = 'Cleo', text, more = {}, id = newWamid(), ...door }: CustomerWhatsapp): Promise<{ id: string; status: number }> {
  const contact = { profile: { name }, ...(from && { wa_id: from }), ...(userId && { user_id: userId }) };
  const message = { ...(from && { from }), ...(userId && { from_user_id: userId }), id, timestamp: String(Math.floor(Date.now() / 1000)), ...(text !== undefined && { type: 'text', text: { body: text } }), ...more };
  const { status } = await postWebhook(door, whatsappDelivery(phoneNumberId, { contacts: [contact], messages: [message] }), door.appSecret);
  return { id, status };
}

/** What an Instagram user does: `said` is the event beside sender, recipient and time; words alone are a direct message. */
export interface CustomerInstagram extends Door {
  accountId: string;
  from: string;
  text?: string;
  said?: Record<string, unknown>;
  mid?: string;
}

/** Meta's delivery of it, signed. Never repeats by itself. */
export async function customerInstagrams({ accountId, from, text, said, mid = newMid(), ...door }: CustomerInstagram): Promise<{ mid: string; status: number }> {
  const event = { sender: { id: from }, recipient: { id: accountId }, timestamp: Date.now(), ...(said ?? { message: { mid, text } }) };
  const { status } = await postWebhook(door, instagramDelivery(accountId, event), door.appSecret);
  return { mid, status };
}
