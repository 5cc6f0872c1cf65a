import { createHash } from 'node:crypto';
import type { Identifier } from '@parley/contracts/channels';
import type { Ignored, InboundMessage, Read, Unreadable } from '../adapter.js';
import { type Fields, fields, idIn, instantIn, list, parsed, words } from '../meta/json.rules.js';
import { contentOf, referralIn } from './instagram-content.rules.js';

/** An event of a conversation: who it is with, which side acted, and when. */
type Event = { data: Fields; person: Identifier[]; by: 'customer' | 'brand'; occurredAt: string | null; isStandby: boolean };

/** Everything in a delivery of `instagram` that is meant for this account, in its order (META-2). Total: nonsense comes back as such. */
export function readInstagram(body: Buffer, { accountId }: { accountId: string }): Read[] {
  const delivery = parsed(body);
  if (!delivery || !Array.isArray(delivery.entry)) return [unreadable('No entries')];
  if (delivery.object !== 'instagram') return [ignored(`${words(delivery.object, 60) ?? 'something'} is no Instagram`)];
  const read = delivery.entry.map(fields).flatMap((entry) => inEntry(entry, accountId));
  return read.length ? read : [ignored('Nothing in it')];
}

const unreadable = (reason: string): Unreadable => ({ kind: 'unreadable', reason });
const ignored = (reason: string): Ignored => ({ kind: 'ignored', reason });

/** `changes` bring comments, and what the dashboard's test button sends. */
function inEntry({ id, messaging, standby, changes }: Fields, accountId: string): Read[] {
  const tests = list(changes).map((one) => ignored(`${words(fields(one).field, 60) ?? 'nothing'} among the changes does not concern us`));
  if (idIn(id) !== accountId) return [...tests, ...[...list(messaging), ...list(standby)].map(() => ignored('Meant for another account'))];
  return [
    ...list(messaging).map((one) => eventIn(fields(one), accountId, false)),
    ...list(standby).map((one) => eventIn(fields(one), accountId, true)),
    ...tests,
  ];
}

function eventIn(data: Fields, accountId: string, isStandby: boolean): Read {
  const [sender, recipient] = [idIn(fields(data.sender).id), idIn(fields(data.recipient).id)];
  if (!sender || !recipient) return unreadable('An event without sender or recipient');
  const by = sender === accountId ? 'brand' : 'customer';
  if (by === 'customer' && recipient !== accountId) return ignored('Meant for another account');
  const person: Identifier[] = [{ type: 'igsid', value: by === 'brand' ? recipient : sender, verified: true }];
  return whatIn({ data, person, by, occurredAt: instantIn(data.timestamp), isStandby });
}

function whatIn(event: Event): Read {
  const kind = KINDS.find((one) => event.data[one] !== undefined);
  return kind ? READERS[kind](event) : ignored('It says nothing of a message');
}

const KINDS = ['message', 'postback', 'reaction', 'read', 'message_edit'] as const;
const READERS: Readonly<Record<(typeof KINDS)[number], (event: Event) => Read>> = { message: messageIn, postback: postbackIn, reaction: reactionIn, read: seenIn, message_edit: editIn };

/** An unsent message, one of the brand's own, or what the customer wrote. */
function messageIn({ data, person, by, occurredAt, isStandby }: Event): Read {
  const message = fields(data.message);
  const mid = idIn(message.mid);
  if (!mid) return unreadable('A message without mid');
  if (message.is_deleted === true) return { kind: 'deletion', about: mid, by, person, occurredAt };
  const content = { ...contentOf(message), inReplyTo: idIn(fields(message.reply_to).mid), occurredAt };
  if (by === 'brand') return { kind: 'echo', providerMessageId: mid, to: person, ...content };
  if (message.is_echo === true) return ignored('An echo of somebody else');
  return { kind: 'message', providerMessageId: mid, from: person, ...content, ...(isStandby && STANDBY) };
}

/** Another app has the conversation: shown, and answered by nothing of ours. */
const STANDBY: Partial<InboundMessage> = { automatic: 'bulk', note: 'Another app answers in this conversation' };

/** A button of a template or an ice breaker was pressed: its title is what the customer said. */
function postbackIn({ data, person, by, occurredAt, isStandby }: Event): Read {
  if (by === 'brand') return ignored('A postback of our own');
  const { mid, title, payload, referral } = fields(data.postback);
  const text = words(title) ?? words(payload) ?? '';
  const id = idIn(mid) ?? `postback:${createHash('sha256').update(JSON.stringify([person[0]!.value, occurredAt, payload ?? null])).digest('hex')}`;
  const choice = { kind: 'choice' as const, via: 'postback' as const, id: words(payload), title: text, description: null, answers: null };
  return { kind: 'message', providerMessageId: id, from: person, text, details: [choice, ...referralIn(referral)], occurredAt, ...(isStandby && STANDBY) };
}

function reactionIn({ data, ...event }: Event): Read {
  const { mid, action, emoji, reaction } = fields(data.reaction);
  const about = idIn(mid);
  if (!about) return unreadable('A reaction to nothing');
  return { kind: 'reaction', about, ...amendment(event), emoji: action === 'unreact' ? null : (words(emoji, 100) ?? words(reaction, 100)) };
}

function seenIn({ data, person, by, occurredAt }: Event): Read {
  const upTo = idIn(fields(data.read).mid);
  if (by === 'brand' || !upTo) return ignored('Nobody has seen a message of ours');
  return { kind: 'seen', upTo, person, occurredAt };
}

function editIn({ data, ...event }: Event): Read {
  const { mid, text } = fields(data.message_edit);
  const about = idIn(mid);
  return about ? { kind: 'edit', about, ...amendment(event), text: words(text, 65_536) ?? '' } : unreadable('An edit of nothing');
}

const amendment = ({ by, person, occurredAt }: Pick<Event, 'by' | 'person' | 'occurredAt'>) => ({ by, person, occurredAt });
