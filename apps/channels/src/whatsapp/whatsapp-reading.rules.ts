import type { DeliveryState, Identifier } from '@parley/contracts/channels';
import type { Echo, Ignored, InboundMessage, Reaction, Read, Status, Unreadable } from '../adapter.js';
import { type Fields, fields, idIn, instantIn, list, parsed, verbatim, words } from '../meta/json.rules.js';
import { graphError } from '../meta/graph-errors.rules.js';
import { contentOf } from './whatsapp-content.rules.js';

/** What of a channel's settings reading depends on. */
export type Reading = { phoneNumberId: string; buttons: { stop: readonly string[]; start: readonly string[] } };

/** Everything in a delivery of `whatsapp_business_account` that is meant for this number, in its order (META-3). Total: nonsense comes back as such. */
export function readWhatsapp(body: Buffer, settings: Reading): Read[] {
  const delivery = parsed(body);
  if (!delivery || !Array.isArray(delivery.entry)) return [unreadable('No entries')];
  if (delivery.object !== 'whatsapp_business_account') return [ignored(`${words(delivery.object, 60) ?? 'something'} is no WhatsApp`)];
  const changes = delivery.entry.flatMap((entry) => list(fields(entry).changes)).map(fields);
  const read = changes.flatMap((change) => inChange(change, settings));
  return read.length ? read : [ignored('Nothing in it')];
}

const unreadable = (reason: string): Unreadable => ({ kind: 'unreadable', reason });
const ignored = (reason: string): Ignored => ({ kind: 'ignored', reason });

function inChange({ field, value }: Fields, settings: Reading): Read[] {
  const told = fields(value);
  if (field !== 'messages' && field !== 'smb_message_echoes') return [ignored(`${words(field, 60) ?? 'nothing'} does not concern us`)];
  if (idIn(fields(told.metadata).phone_number_id) !== settings.phoneNumberId) return [ignored('Meant for another number')];
  return [
    ...list(told.messages).map((one) => messageIn(fields(one), list(told.contacts).map(fields), settings)),
    ...list(told.message_echoes).map((one) => echoIn(fields(one))),
    ...list(told.statuses).map((one) => statusIn(fields(one))),
    ...list(told.errors).map((one) => ignored(`Meta: ${graphError(fields(one), 'an error').reason}`.slice(0, 300))),
  ];
}

function messageIn(message: Fields, contacts: Fields[], settings: Reading): Read {
  const id = idIn(message.id);
  const contact = contactOf(message, contacts);
  const from = peopleOf(message.from ?? contact.wa_id, message.from_user_id ?? contact.user_id);
  if (!id || !from.length) return unreadable('A message without id or sender');
  const occurredAt = secondsIn(message.timestamp);
  if (message.type === 'reaction') return reactionIn(fields(message.reaction), from, occurredAt);
  if (message.type === 'system') return newNumber(fields(message.system), { id, from, occurredAt });
  return writtenIn(message, { id, from, name: nameIn(contact), occurredAt }, settings);
}

const contactOf = (message: Fields, contacts: Fields[]): Fields => contacts.find((one) => isOf(one, message)) ?? (contacts.length === 1 ? contacts[0]! : {});

const isOf = ({ wa_id: waId, user_id: userId }: Fields, { from, from_user_id: by }: Fields) => (from !== undefined && waId === from) || (by !== undefined && userId === by);

const nameIn = ({ profile }: Fields) => words(fields(profile).name, 200) ?? words(fields(profile).username, 200);

type Written = Pick<InboundMessage, 'from' | 'name' | 'occurredAt'> & { id: string };

function writtenIn(message: Fields, { id, ...person }: Written, { buttons }: Reading): InboundMessage {
  const context = fields(message.context);
  const isForwarded = context.forwarded === true || context.frequently_forwarded === true;
  const payload = idIn(fields(message.button).payload);
  const keyword = payload === null ? null : buttons.stop.includes(payload) ? 'stop' : buttons.start.includes(payload) ? 'start' : null;
  return { kind: 'message', providerMessageId: id, ...person, ...contentOf(message), inReplyTo: idIn(context.id), keyword, note: isForwarded ? 'Forwarded, not written by the customer' : null };
}

/** No emoji: taken back. */
function reactionIn({ message_id: about, emoji }: Fields, person: Identifier[], occurredAt: string | null): Reaction | Unreadable {
  const id = idIn(about);
  return id ? { kind: 'reaction', about: id, by: 'customer', person, emoji: words(emoji, 100), occurredAt } : unreadable('A reaction to nothing');
}

/** Somebody has another number now. It stirs nothing, and neither consent nor profile moves there by itself: whoever writes from there is met as new. */
function newNumber(system: Fields, { id, ...person }: Written): InboundMessage | Ignored {
  const number = idIn(system.wa_id) ?? idIn(system.new_wa_id);
  if (!number) return ignored(`${words(system.type, 60) ?? 'something'} happened to the customer’s account`);
  return { kind: 'message', providerMessageId: id, ...person, text: words(system.body) ?? '', automatic: 'auto_reply', note: `WhatsApp says that the customer’s number is now ${asPhone(number) ?? number}` };
}

/** Written in the brand's own app: who is `to` is the customer. */
function echoIn(message: Fields): Echo | Unreadable {
  const id = idIn(message.id);
  const to = peopleOf(message.to, message.to_user_id);
  if (!id || !to.length) return unreadable('An echo without id or recipient');
  return { kind: 'echo', providerMessageId: id, to, ...contentOf(message), inReplyTo: idIn(fields(message.context).id), occurredAt: secondsIn(message.timestamp) };
}

/** TKT-8. Others (deleted, warning) say nothing of how far a message came. */
const STATES: ReadonlyMap<unknown, DeliveryState> = new Map(Object.entries({ accepted: 'queued', sent: 'sent', delivered: 'delivered', read: 'read', played: 'read', failed: 'failed' } as const));

function statusIn(status: Fields): Status | Ignored | Unreadable {
  const id = idIn(status.id);
  const state = STATES.get(status.status);
  if (!id) return unreadable('A status of nothing');
  if (!state) return ignored(`status ${words(status.status, 60) ?? 'of no name'}`);
  const said: Status = {
    kind: 'status', providerMessageId: id, reference: ourIdIn(status.biz_opaque_callback_data), state, failure: null, occurredAt: secondsIn(status.timestamp),
    ...(status.pricing !== undefined && { pricing: verbatim(status.pricing) }),
  };
  if (state !== 'failed') return said;
  const { class: kind, code, reason } = graphError(fields(list(status.errors)[0]), 'Meta gives no reason');
  return { ...said, failure: { code, reason }, class: kind };
}

const ourIdIn = (value: unknown) => (typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value) ? value : null);

const secondsIn = (seconds: unknown) => (/^\d{1,12}$/.test(String(seconds)) ? instantIn(Number(seconds) * 1000) : null);

/** By the phone where WhatsApp tells it, which it does not of everybody; the business-scoped id stays when the number is hidden (PRO-1). */
function peopleOf(waId: unknown, userId: unknown): Identifier[] {
  const digits = typeof waId === 'string' && /^\d{5,20}$/.test(waId) ? waId : null;
  const phone = digits && asPhone(digits);
  const scoped = words(userId, 200);
  return [
    ...(phone ? [{ type: 'phone' as const, value: phone, verified: true }] : []),
    ...(digits ? [{ type: 'wa_id' as const, value: digits, verified: true }] : []),
    ...(scoped ? [{ type: 'bsuid' as const, value: scoped, verified: true }] : []),
  ];
}

const asPhone = (digits: string) => (/^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : null);
