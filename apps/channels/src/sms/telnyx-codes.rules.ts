import type { DeliveryState } from '@parley/contracts/channels';
import type { RefusalClass } from '../adapter.js';

/** Status of a recipient → TKT-8. What is missing here says nothing about a message of ours. */
export const TELNYX_STATES: ReadonlyMap<string, DeliveryState> = new Map(Object.entries({
  queued: 'queued',
  sending: 'queued',
  sent: 'sent',
  delivery_unconfirmed: 'sent',
  delivered: 'delivered',
  sending_failed: 'failed',
  delivery_failed: 'failed',
  expired: 'failed',
} as const));

/** What we make of an error code; the reason is used where Telnyx sends none. https://developers.telnyx.com/docs/messaging/messages/error-codes */
export const TELNYX_ERRORS: ReadonlyMap<string, { class: RefusalClass; reason: string }> = new Map(Object.entries({
  10002: { class: 'address', reason: 'Not a valid number' },
  10009: { class: 'auth', reason: 'The API key is wrong' },
  10010: { class: 'auth', reason: 'The API key may not do that' },
  10016: { class: 'address', reason: 'Not a number in E.164' },
  40001: { class: 'address', reason: 'A landline, or a number that cannot be reached' },
  40002: { class: 'permanent', reason: 'Taken for spam, for now' },
  40003: { class: 'config', reason: 'The sender is blocked as spam' },
  40004: { class: 'permanent', reason: 'Rejected by the recipient’s carrier' },
  40005: { class: 'permanent', reason: 'Expired on its way' },
  40006: { class: 'permanent', reason: 'The recipient’s carrier is away' },
  40008: { class: 'permanent', reason: 'Undeliverable' },
  40009: { class: 'content', reason: 'The carrier refused the text' },
  40010: { class: 'config', reason: 'The number is not registered for 10DLC' },
  40011: { class: 'permanent', reason: 'Too many messages for the carrier' },
  40012: { class: 'address', reason: 'The carrier does not know the number' },
  40013: { class: 'config', reason: 'The sender is not fit for messages' },
  40014: { class: 'permanent', reason: 'Expired in the queue' },
  40015: { class: 'content', reason: 'Filtered as spam' },
  40300: { class: 'consent', reason: 'The recipient has unsubscribed' },
  40302: { class: 'content', reason: 'Longer than allowed' },
  40305: { class: 'config', reason: 'The sender is not one of the account’s numbers' },
  40310: { class: 'address', reason: 'Not a valid recipient' },
} as const));
