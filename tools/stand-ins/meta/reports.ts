import { setTimeout as pause } from 'node:timers/promises';
import { note, type ReceivedMeta } from '../received.js';
import { instagramDelivery, postWebhook, whatsappDelivery } from './webhooks.js';
import type { MetaWorld } from './world.js';

/** The course of a WhatsApp message, told by statuses with its price; doubled, reversed or failed as wished. */
export async function reportWhatsapp(message: ReceivedMeta, world: MetaWorld, over: AbortSignal): Promise<void> {
  const course = world.faults.undeliveredCode ? ['sent', 'failed'] : ['sent', 'delivered'];
  if (world.faults.callbacksReversed) course.reverse();
  for (const status of world.faults.callbacksDoubled ? course.flatMap((one) => [one, one]) : course) {
    await tell(message, status, whatsappDelivery(message.from, { statuses: [statusOf(message, status, world)] }), world, over);
  }
}

function statusOf({ id, to, reference }: ReceivedMeta, status: string, { faults }: MetaWorld) {
  return {
    id, status, timestamp: String(Math.floor(Date.now() / 1000)), recipient_id: to, ...(reference && { biz_opaque_callback_data: reference }),
    ...(status !== 'failed' && { pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: 'service' } }),
    ...(status === 'failed' && { errors: [{ code: faults.undeliveredCode, title: 'A pretended failure', message: 'A pretended failure' }] }),
  };
}

/** Instagram repeats what was sent as an echo. */
export async function reportInstagram(message: ReceivedMeta, world: MetaWorld, over: AbortSignal): Promise<void> {
  const echo = { sender: { id: message.from }, recipient: { id: message.to }, timestamp: message.at, message: { mid: message.id, text: message.text, is_echo: true, app_id: 900000000000001 } };
  for (let n = 0; n < (world.faults.callbacksDoubled ? 2 : 1); n++) await tell(message, 'echo', instagramDelivery(message.from, echo), world, over);
}

async function tell(message: ReceivedMeta, status: string, delivery: object, { faults, received, keep, subscriptions }: MetaWorld, over: AbortSignal): Promise<void> {
  await pause(faults.callbackDelayMs, undefined, { signal: over }).catch(() => {});
  const subscription = subscriptions.find(({ id }) => id === message.from);
  if (over.aborted || !subscription) return;
  if (status !== 'echo' && (status !== 'sent' || message.status === 'accepted')) message.status = status;
  const answered = await postWebhook(subscription, delivery).then((response) => response.status, () => null);
  note(received.callbacks, { sid: message.id, status, answered }, keep);
}
