import { instagramDelivery, newMid, newWamid, postWebhook, whatsappDelivery } from './webhooks.js';

/** `at`: Meta's time of it, now where it is left out. */
type Door = { webhookUrl: string; through?: string; appSecret?: string; at?: Date };

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
export async function customerWhatsapps({ phoneNumberId, from, userId, name, text, more = {}, id = newWamid(), at = new Date(), ...door }: CustomerWhatsapp): Promise<{ id: string; status: number }> {
  const contact = { profile: { name: name ?? 'Cleo' }, wa_id: from, user_id: userId };
  const words = text === undefined ? {} : { type: 'text', text: { body: text } };
  const message = { from, from_user_id: userId, id, timestamp: String(Math.floor(at.getTime() / 1000)), ...words, ...more };
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
export async function customerInstagrams({ accountId, from, text, said, mid = newMid(), at = new Date(), ...door }: CustomerInstagram): Promise<{ mid: string; status: number }> {
  const event = { sender: { id: from }, recipient: { id: accountId }, timestamp: at.getTime(), ...(said ?? { message: { mid, text } }) };
  const { status } = await postWebhook(door, instagramDelivery(accountId, event), door.appSecret);
  return { mid, status };
}
