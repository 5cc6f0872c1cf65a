import type { DeliveryState } from '@parley/contracts/channels';
import type { RefusalClass } from '../adapter.js';

/** MessageStatus of a callback → TKT-8. What is missing here (receiving, received, …) says nothing about a message of ours. */
export const TWILIO_STATES: ReadonlyMap<string, DeliveryState> = new Map(Object.entries({
  accepted: 'queued',
  scheduled: 'queued',
  queued: 'queued',
  sending: 'queued',
  sent: 'sent',
  partially_delivered: 'sent',
  delivered: 'delivered',
  read: 'read',
  failed: 'failed',
  undelivered: 'failed',
  canceled: 'failed',
} as const));

/** What we make of an error code; the reason is used where Twilio sends none. https://www.twilio.com/docs/api/errors */
export const TWILIO_ERRORS: ReadonlyMap<string, { class: RefusalClass; reason: string }> = new Map(Object.entries({
  20003: { class: 'auth', reason: 'The account SID or the auth token is wrong' },
  21211: { class: 'address', reason: 'Not a valid number' },
  21408: { class: 'config', reason: 'Sending to this country is not switched on' },
  21606: { class: 'config', reason: 'The sender cannot send SMS' },
  21610: { class: 'consent', reason: 'The recipient has unsubscribed' },
  21612: { class: 'config', reason: 'No route from this sender to this number' },
  21614: { class: 'address', reason: 'Not a mobile number' },
  21617: { class: 'content', reason: 'Longer than 1600 characters' },
  21635: { class: 'address', reason: 'A landline' },
  30001: { class: 'permanent', reason: 'The provider’s queue is full' },
  30003: { class: 'permanent', reason: 'The handset cannot be reached just now' },
  30004: { class: 'permanent', reason: 'Blocked by the carrier or the recipient' },
  30005: { class: 'address', reason: 'Unknown number' },
  30006: { class: 'address', reason: 'A landline, or a carrier that cannot be reached' },
  30007: { class: 'permanent', reason: 'Filtered by the carrier' },
  30008: { class: 'permanent', reason: 'Failed for an unknown reason' },
  30019: { class: 'content', reason: 'Too large for the carrier' },
  30032: { class: 'config', reason: 'The toll-free number is not verified' },
  30034: { class: 'config', reason: 'The number is not registered for 10DLC' },
  30610: { class: 'window', reason: 'Quiet hours at the recipient’s place' },
} as const));
