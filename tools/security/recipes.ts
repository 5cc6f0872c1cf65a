import { eventually } from '../demo/waiting.js';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from '../e2e/api.js';
import { texts, vouch } from '../e2e/people.js';
import { PRETEND_ACCESS_TOKEN, PRETEND_APP_SECRET } from '../stand-ins/meta/world.js';
import type { Call } from './calls.js';
import type { Side } from './side.js';

/** How an operation is asked so that it succeeds, with fresh things of the account; run as often as needed. */
export type Recipe = {
  call(side: Side): Call | Promise<Call>;
  /** Nothing in it is an id of anybody's: whoever holds it is who they say (a refresh token), or nobody is known yet (sign-up). */
  opensByItself?: true;
  /** A batch or job is taken, and says of each part what became of it: by what such an answer is known. That nothing of the others changed is looked at like everywhere. */
  refusedInside?: string;
};

const recipe = (call: Recipe['call']): Recipe => ({ call });
const at = (version: number) => ({ 'if-match': `"v${version}"` });
const nothing = recipe(() => ({}));
/** Of a fresh ticket: its id and, where needed, the version that was seen. */
const ticket = (more: (ticket: Json, side: Side) => Call | Promise<Call> = () => ({})) => recipe(async (side) => {
  const one = await side.ticket();
  const now = await side.got(`GET /v1/tickets/${one.id}`);
  return { path: { id: one.id }, headers: at(now.version), ...(await more(now, side)) };
});
const profile = (more: (profile: Json, side: Side) => Call | Promise<Call> = () => ({})) => recipe(async (side) => {
  const one = await side.profile();
  return { path: { id: one.id }, ...(await more(one, side)) };
});
const visitor = (more: Call = {}) => recipe(async (side) => ({ ...more, as: { token: (await side.chat()).guest.token, id: '' } }));
const range = { from: '2026-01-01T00:00:00Z', to: '2030-01-01T00:00:00Z' };
let n = 0;

/** By operation of the OpenAPI document. One that is missing here fails the matrix: add it with the operation. */
export const RECIPES: Record<string, Recipe> = {
  'access.signUp': { opensByItself: true, call: ({ mark }) => ({ body: { name: `New ${mark}`, owner: { name: `O ${mark}`, email: `new${n++}@${mark}.example`, password: 'a password only for tests' } } }) },
  'access.login': { opensByItself: true, call: async (side) => { const { email, password } = await side.person('support'); return { body: { email, password, accountId: side.brand.account.id } }; } },
  'access.refresh': { opensByItself: true, call: async (side) => ({ body: { refreshToken: (await signIn(side)).refreshToken } }) },
  'access.logout': { opensByItself: true, call: async (side) => ({ body: { refreshToken: (await signIn(side)).refreshToken } }) },
  'access.me': nothing,
  'access.setAvailability': recipe(() => ({ body: { status: 'online' } })),
  'access.getAccount': nothing,
  'access.updateAccount': recipe(async (side) => ({ headers: at((await side.got('GET /v1/account')).version), body: { name: `Renamed ${n++} ${side.mark}` } })),
  'access.listUsers': nothing,
  'access.createUser': recipe(({ mark }) => ({ body: { email: `made${n++}@${mark}.example`, name: `Made ${mark}`, role: 'support', password: 'a password only for tests' } })),
  'access.getUser': recipe(async (side) => ({ path: { id: (await side.person('support')).id } })),
  'access.updateUser': recipe(async (side) => { const { id, version } = await side.person('support'); return { path: { id }, headers: at(version), body: { name: `Renamed ${side.mark}` } }; }),
  'access.deactivateUser': recipe(async (side) => { const { id, version } = await side.person('support'); return { path: { id }, headers: at(version) }; }),
  'access.listApiKeys': nothing,
  'access.createApiKey': recipe(({ mark }) => ({ body: { name: `Key ${mark}`, scopes: ['tickets:read'] } })),
  'access.revokeApiKey': recipe(async (side) => ({ path: { id: (await side.key(['tickets:read'])).id } })),
  'access.listAudit': nothing,
  'access.checkAudit': nothing,

  'tickets.list': recipe(async (side) => ({ query: { assigneeId: (await side.person('support')).id, profileId: (await side.profile()).id } })),
  'tickets.get': ticket(() => ({ headers: {} })),
  'tickets.update': ticket(async (_one, side) => ({ body: { priority: 'high', assigneeId: (await side.person('support')).id, subject: `S ${side.mark}` } })),
  'tickets.close': ticket(),
  'tickets.reopen': ticket(async (one, side) => ({ headers: at((await side.got(`PUT /v1/tickets/${one.id}/closure`, {}, { headers: at(one.version) })).version) })),
  'tickets.snooze': ticket(() => ({ body: { preset: 'tomorrow' } })),
  'tickets.wake': ticket(async (one, side) => ({ headers: at((await side.got(`PUT /v1/tickets/${one.id}/snooze`, { preset: 'tomorrow' }, { headers: at(one.version) })).version) })),
  'tickets.markUnread': ticket(),
  'tickets.markRead': ticket(),
  'tickets.badge': nothing,

  'views.list': nothing,
  'views.create': recipe(({ mark }) => ({ body: { name: `View ${n++} ${mark}`, shared: true, filter: { status: 'open' } } })),
  'views.get': recipe(async (side) => ({ path: { id: (await view(side)).id } })),
  'views.update': recipe(async (side) => { const { id, version } = await view(side); return { path: { id }, headers: at(version), body: { name: `Renamed ${side.mark}` } }; }),
  'views.remove': recipe(async (side) => { const { id, version } = await view(side); return { path: { id }, headers: at(version) }; }),
  'search.find': recipe(({ mark }) => ({ query: { q: mark } })),
  'jobs.bulk': { refusedInside: '"kind":"bulk"', call: async (side) => ({ body: { ids: [(await side.ticket()).id], action: { type: 'read' } } }) },
  'jobs.get': recipe(async (side) => ({ path: { id: (await job(side)).id } })),
  'jobs.failures': recipe(async (side) => ({ path: { id: (await job(side)).id } })),

  'macros.list': nothing,
  'macros.create': recipe(({ mark }) => ({ body: { name: `Macro ${n++} ${mark}`, category: mark, text: `Hello ${mark}` } })),
  'macros.get': recipe(async (side) => ({ path: { id: (await macro(side)).id } })),
  'macros.update': recipe(async (side) => { const { id, version } = await macro(side); return { path: { id }, headers: at(version), body: { text: `Good day ${side.mark}` } }; }),
  'macros.remove': recipe(async (side) => { const { id, version } = await macro(side); return { path: { id }, headers: at(version) }; }),
  'macros.preview': recipe(async (side) => ({ path: { id: (await macro(side)).id }, body: { ticketId: (await side.ticket()).id } })),
  'coupons.list': nothing,
  'coupons.create': recipe(({ mark }) => ({ body: { name: pool(), codes: [`CODE-${mark}`] } })),
  'coupons.get': recipe(async (side) => ({ path: { id: (await side.got('POST /v1/coupon-pools', { name: pool() })).id } })),
  'coupons.fill': recipe(async (side) => ({ path: { id: (await side.got('POST /v1/coupon-pools', { name: pool() })).id }, body: { codes: [`MORE-${side.mark}`] } })),
  'tags.list': nothing,
  'tags.create': recipe(({ mark }) => ({ body: { name: `Tag ${n++} ${mark}` } })),
  'tags.get': recipe(async (side) => ({ path: { id: (await tag(side)).id } })),
  'tags.rename': recipe(async (side) => { const { id, version } = await tag(side); return { path: { id }, headers: at(version), body: { name: `Renamed ${n++} ${side.mark}` } }; }),
  'tags.remove': recipe(async (side) => { const { id, version } = await tag(side); return { path: { id }, headers: at(version) }; }),
  'tags.merge': recipe(async (side) => ({ path: { id: (await tag(side)).id }, body: { intoId: (await tag(side)).id } })),
  'tags.put': ticket((one, { mark }) => ({ headers: {}, path: { id: one.id, tag: mark } })),
  'tags.take': ticket((one, { mark }) => ({ headers: {}, path: { id: one.id, tag: mark } })),
  'tags.history': ticket(() => ({ headers: {} })),
  'attachments.upload': recipe(({ mark }) => ({ form: () => file(mark) })),
  'attachments.remoteImage': recipe(async (side) => ({ path: { id: await imageOfAMail(side), place: '0' } })),
  'attachments.uploadAsVisitor': recipe(async (side) => ({ form: () => file(side.mark), as: { token: (await side.chat()).guest.token, id: '' } })),
  'attachments.get': recipe(async (side) => ({ path: { id: (await uploaded(side)).id } })),

  'messages.list': ticket(() => ({ headers: {} })),
  'messages.reply': ticket((_one, { mark }) => ({ headers: {}, body: { text: `A reply ${mark}` } })),
  'messages.retry': recipe(async (side) => ({ path: { id: await failed(side) }, body: {} })),
  'messages.preview': ticket(async (_one, side) => ({ headers: {}, body: { macroId: (await macro(side)).id } })),
  'messages.note': ticket((_one, { mark }) => ({ headers: {}, body: { text: `A note ${mark}` } })),

  'teams.list': nothing,
  'teams.create': recipe(async (side) => ({ body: { name: `Team ${n++} ${side.mark}`, memberIds: [(await side.person('support')).id] } })),
  'teams.get': recipe(async (side) => ({ path: { id: (await team(side)).id } })),
  'teams.update': recipe(async (side) => { const { id, version } = await team(side); return { path: { id }, headers: at(version), body: { name: `Renamed ${n++} ${side.mark}`, memberIds: [(await side.person('support')).id] } }; }),
  'teams.remove': recipe(async (side) => { const { id, version } = await team(side); return { path: { id }, headers: at(version) }; }),
  'routingRules.list': nothing,
  'routingRules.create': recipe(async (side) => ({ body: { ...unheard(side), actions: { teamId: (await team(side)).id, assigneeId: (await side.person('support')).id } } })),
  'routingRules.get': recipe(async (side) => ({ path: { id: (await rule(side)).id } })),
  'routingRules.update': recipe(async (side) => { const { id, version } = await rule(side); return { path: { id }, headers: at(version), body: { actions: { teamId: (await team(side)).id } } }; }),
  'routingRules.remove': recipe(async (side) => { const { id, version } = await rule(side); return { path: { id }, headers: at(version) }; }),
  'routingRules.simulate': recipe(() => ({ body: { newest: 1 } })),
  'spam.mark': ticket(),
  'spam.unmark': ticket(),
  'explain.explain': ticket(() => ({ headers: {} })),
  'explain.timeline': ticket(() => ({ headers: {} })),
  'merging.split': recipe(async (side) => { const { id, answer } = await answered(side); return { path: { id }, body: { fromMessageId: answer } }; }),
  'merging.merge': recipe(async (side) => { const { fromId, intoId } = await split(side); return { path: { id: intoId }, body: { intoId: fromId } }; }),
  'merging.undo': recipe(async (side) => ({ path: { id: (await split(side)).id } })),

  'timers.list': ticket(() => ({ headers: {} })),
  'timers.cancel': ticket(async (one, side) => {
    await side.got(`PUT /v1/tickets/${one.id}/snooze`, { preset: 'tomorrow' }, { headers: at(one.version) });
    return { headers: {}, path: { id: (await side.got(`GET /v1/tickets/${one.id}/timers`)).items[0].id } };
  }),

  'profiles.list': recipe(async (side) => ({ query: { email: (await side.profile()).emails[0] } })),
  'profiles.upsert': recipe(({ mark }) => ({ body: { email: `up${n++}@${mark}.example`, name: `Up ${mark}` } })),
  'profiles.get': profile(),
  'profiles.update': profile((one, { mark }) => ({ headers: at(one.version), body: { name: `Renamed ${mark}` } })),
  'profiles.tickets': profile(),
  'profiles.quarantine': profile(),
  'profiles.consents': profile(),
  'profiles.setConsent': profile((one, { mark }) => ({ path: { id: one.id, kind: 'email' }, body: { state: 'granted', source: `form ${mark}`, evidence: `said ${mark}` } })),
  'profiles.block': profile(),
  'profiles.unblock': profile(async ({ id }, side) => { await side.got(`PUT /v1/profiles/${id}/block`, {}); return {}; }),

  'profileMerges.merge': profile(async (_one, side) => ({ body: { intoId: (await side.profile()).id } })),
  'profileMerges.undo': recipe(async (side) => ({ path: { id: (await merge(side)).id } })),
  'profileMerges.list': profile(),
  'privacy.export': profile(),
  'privacy.erase': profile(),
  'privacy.erasure': recipe(async (side) => ({ path: { id: (await side.got(`POST /v1/profiles/${(await side.profile()).id}/erasure`, {})).id } })),

  'customerEvents.record': { refusedInside: 'PROFILE_NOT_FOUND', call: async (side) => ({ body: { profile: { id: (await side.profile()).id }, metric: `Placed Order`, properties: { orderId: `o-${side.mark}`, value: 10, currency: 'EUR' } } }) },
  'customerEvents.timeline': profile(async (_one, side) => ({ query: { filterId: (await filter(side)).id } })),
  'customerEvents.orders': profile(),
  'customerEvents.summary': profile(),
  'customerEvents.filters': nothing,
  'customerEvents.saveFilter': recipe(({ mark }) => ({ body: { name: `Filter ${n++} ${mark}`, metrics: [`M ${mark}`] } })),
  'customerEvents.changeFilter': recipe(async (side) => { const { id, version } = await filter(side); return { path: { id }, headers: at(version), body: { name: `Renamed ${n++} ${side.mark}` } }; }),
  'customerEvents.removeFilter': recipe(async (side) => { const { id, version } = await filter(side); return { path: { id }, headers: at(version) }; }),
  'campaigns.record': recipe(async (side) => ({ body: { profile: { id: (await side.profile()).id }, channelId: side.sms.id, campaignId: `c-${side.mark}`, text: `Sale ${side.mark}` } })),

  'segments.list': nothing,
  'segments.create': recipe(({ mark }) => ({ body: { name: `Made ${n++} ${mark}`, condition: NAMED } })),
  'segments.get': recipe(async (side) => ({ path: { id: (await segment(side)).id } })),
  'segments.update': recipe(async (side) => { const { id, version } = await segment(side); return { path: { id }, headers: at(version), body: { name: `Renamed ${n++} ${side.mark}` } }; }),
  'segments.remove': recipe(async (side) => { const { id, version } = await segment(side); return { path: { id }, headers: at(version) }; }),
  'segments.members': recipe(async (side) => ({ path: { id: (await segment(side)).id } })),

  'channels.list': nothing,
  'channels.create': recipe(({ mark }) => ({ body: { type: 'email', name: `Made ${mark}`, settings: { address: `made${n++}@${mark}.example` } } })),
  'channels.get': recipe(({ sms }) => ({ path: { id: sms.id } })),
  'channels.update': recipe(async (side) => { const { id, version } = await made(side); return { path: { id }, headers: at(version), body: { name: `Renamed ${side.mark}` } }; }),
  'channels.remove': recipe(async (side) => { const { id, version } = await made(side); return { path: { id }, headers: at(version) }; }),
  'channels.books': recipe(({ sms }) => ({ query: { channelId: sms.id, day: '2026-11-20' } })),
  'mailSetup.senders': recipe(({ email }) => ({ path: { id: email.id } })),
  'mailSetup.addSender': recipe(({ email, mark }) => ({ path: { id: email.id }, body: { address: `alias${n++}@${mark}.example` } })),
  'mailSetup.verifySender': recipe(async (side) => { const { senderId, code } = await alias(side); return { path: { id: side.email.id, senderId }, body: { code } }; }),
  'mailSetup.removeSender': recipe(async (side) => ({ path: { id: side.email.id, senderId: (await alias(side)).senderId } })),
  'mailSetup.confirmations': recipe(({ email }) => ({ path: { id: email.id } })),
  'channelHealth.get': recipe(({ sms }) => ({ path: { id: sms.id } })),
  'reconciliation.unmatched': recipe(({ sms }) => ({ path: { id: sms.id } })),
  'templates.list': recipe(async (side) => ({ path: { id: (await whatsapp(side)).id } })),
  'quarantine.list': recipe(({ sms }) => ({ path: { id: sms.id } })),
  'quarantine.get': recipe(async (side) => ({ path: { id: side.sms.id, itemId: await unreadable(side) } })),
  'quarantine.retry': recipe(async (side) => ({ path: { id: side.sms.id, itemId: await unreadable(side) } })),
  'quarantine.dismiss': recipe(async (side) => ({ path: { id: side.sms.id, itemId: await unreadable(side) } })),

  'chatSetup.faqs': recipe(({ webchat }) => ({ path: { id: webchat.id } })),
  'chatSetup.setFaqs': recipe((side) => faqs(side)),
  'chatSetup.officeHours': recipe(({ webchat }) => ({ path: { id: webchat.id } })),
  'chatSetup.setOfficeHours': recipe(async (side) => ({
    path: { id: side.webchat.id }, headers: at((await side.got(`GET /v1/channels/${side.webchat.id}/office-hours`)).version), body: { hours: { weekly: { monday: [{ from: '09:00', to: '17:00' }] } }, outside: { en: `Asleep ${side.mark}` } },
  })),

  'texting.keywords': recipe(({ sms }) => ({ path: { id: sms.id } })),
  'texting.setKeywords': recipe(async (side) => ({ ...(await texting(side)), body: { keywords: { stop: [`Basta${n++}`] }, stopText: `Bye ${side.mark}` } })),
  'texting.autoResponder': recipe(({ sms }) => ({ path: { id: sms.id } })),
  'texting.setAutoResponder': recipe(async (side) => ({ ...(await texting(side)), body: { audience: 'off', text: `Later ${n++} ${side.mark}` } })),

  'webchat.config': { opensByItself: true, call: ({ webchat }) => ({ path: { widgetKey: webchat.widgetKey } }) },
  'webchat.start': recipe(async ({ webchat, mark }) => ({ path: { widgetKey: webchat.widgetKey }, body: { identityToken: await vouch(webchat, { id: `started-${n++}-${mark}`, name: `V ${mark}` }) } })),
  'webchat.messages': visitor({ query: { afterSeq: 0 } }),
  'webchat.send': recipe(async (side) => ({ body: { clientId: `c${n++}`, text: `From the page ${side.mark}` }, as: { token: (await side.chat()).guest.token, id: '' } })),
  'webchat.readFaq': recipe(async (side) => ({ body: { faqId: await published(side) }, as: { token: (await side.chat()).guest.token, id: '' } })),
  'webchat.read': visitor({ body: { upToSeq: 1 } }),
  'webchat.end': visitor(),

  'feed.read': recipe(() => ({ query: { limit: 500 } })),
  'settings.get': recipe(() => ({ path: { area: 'inbox' } })),
  'settings.update': recipe(async (side) => ({ path: { area: 'inbox' }, headers: at((await side.got('GET /v1/settings/inbox')).version), body: { values: { badgeEnabled: n++ % 2 === 0 } } })),
  'reports.catalogue': nothing,
  'reports.report': recipe(async (side) => ({ path: { metric: 'ticket-volume' }, query: { ...range, agentId: (await side.person('support')).id } })),
  'reports.drillDown': recipe(() => ({ path: { metric: 'ticket-volume' }, query: range })),
  'clock.get': nothing,
  'clock.advance': recipe(() => ({ body: { seconds: 1 } })),
};

const team = (side: Side) => side.got('POST /v1/teams', { name: `Team ${n++} ${side.mark}` });
/** A rule for what nobody writes. */
const unheard = ({ mark }: Side) => ({ name: `Rule ${n++} ${mark}`, conditions: { text: [`nobody writes this ${mark}`] } });
const rule = (side: Side) => side.got('POST /v1/routing-rules', { ...unheard(side), actions: { priority: 'high' } });
/** A ticket with an answer, at which it can be split. */
const answered = async (side: Side) => {
  const { id } = await side.ticket();
  return { id: id as string, answer: (await side.got(`POST /v1/tickets/${id}/messages`, { text: `An answer ${side.mark}` })).id as string };
};
const split = async (side: Side) => {
  const { id, answer } = await answered(side);
  return side.got(`POST /v1/tickets/${id}/split`, { fromMessageId: answer });
};
const view = async (side: Side) => side.got('POST /v1/views', { name: `View ${n++} ${side.mark}`, shared: true, filter: {} });
const job = async (side: Side) => side.got('POST /v1/tickets/bulk', { ids: [(await side.ticket()).id], action: { type: 'read' } });
const macro = (side: Side) => side.got('POST /v1/macros', { name: `Macro ${n++} ${side.mark}`, text: `Hello ${side.mark}` });
const pool = () => `POOL${n++}`;
const tag = (side: Side) => side.got('POST /v1/tags', { name: `Tag ${n++} ${side.mark}` });
const file = (mark: string) => {
  const form = new FormData();
  form.append('file', new Blob([`A file ${mark}`], { type: 'text/plain' }), `${mark}.txt`);
  return form;
};
const uploaded = (side: Side): Promise<Json> => side.upload(file(side.mark));
const filter = (side: Side) => side.got('POST /v1/event-filters', { name: `Filter ${n++} ${side.mark}`, metrics: [`M ${side.mark}`] });
const merge = async (side: Side) => side.got(`POST /v1/profiles/${(await side.profile()).id}/merge`, { intoId: (await side.profile()).id });
const NAMED = { all: [{ of: 'property', name: 'tier', is: 'equals', value: 'gold' }] };
const segment = (side: Side) => side.got('POST /v1/segments', { name: `Segment ${n++} ${side.mark}`, condition: NAMED });
/** A WhatsApp channel at the pretended Meta. */
const whatsapp = (side: Side) => side.got('POST /v1/channels', {
  type: 'whatsapp', name: `WhatsApp ${side.mark}`, settings: { phoneNumber: side.phone(), phoneNumberId: String(++n), businessAccountId: '1' },
  credentials: { appSecrets: [PRETEND_APP_SECRET], verifyToken: 'only-for-tests', accessToken: PRETEND_ACCESS_TOKEN },
});
/** The channel for texts, as it is now. */
const texting = async ({ got, sms }: Side) => ({ path: { id: sms.id as string }, headers: at((await got(`GET /v1/channels/${sms.id}`)).version) });
const made = (side: Side) => side.got('POST /v1/channels', { type: 'email', name: `Fresh ${side.mark}`, settings: { address: `fresh${n++}@${side.mark}.example` } });
/** The id of an answer that the provider refused: Twilio's number for that. */
const failed = async (side: Side): Promise<string> => {
  await texts(side.sms, { from: '+15005550009', body: `A landline ${side.mark}` });
  const ticket = await eventually('the ticket of the landline', async () => (await side.got('GET /v1/tickets?limit=100')).items.find((one: Json) => one.channel === 'sms' && one.preview?.startsWith('A landline')) as Json | undefined);
  await side.got(`PUT /v1/profiles/${ticket.profile.id}/consents/sms_transactional`, { state: 'granted', source: `form ${side.mark}` });
  const { id } = await side.got(`POST /v1/tickets/${ticket.id}/messages`, { text: `To nobody ${side.mark}` });
  await eventually('the answer to fail', async () => (await side.got(`GET /v1/tickets/${ticket.id}/messages`)).items.some((one: Json) => one.id === id && one.delivery.state === 'failed'));
  return id as string;
};
/** A message that shows an image from elsewhere, which is there once. */
async function imageOfAMail(side: Side): Promise<string> {
  const server = createServer((_request, response) => response.end(PNG)).listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const ticket = await side.mailTicket(undefined, `<p>A mail ${side.mark}<img src="http://127.0.0.1:${(server.address() as AddressInfo).port}/a.png"></p>`);
  return (await side.got(`GET /v1/tickets/${ticket.id}/messages`)).items[0].id as string;
}
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');

/** An address that a code was mailed to; earlier ones make room. */
async function alias(side: Side) {
  const path = `/v1/channels/${side.email.id}/senders`;
  for (const { id } of (await side.got(`GET ${path}`)).items as Json[]) await side.got(`DELETE ${path}/${id}`);
  const address = `alias${n++}@${side.mark}.example`;
  const { id } = await side.got(`POST ${path}`, { address });
  return { senderId: id as string, code: /\d{8}/.exec((await side.mailed(address)).subject)![0] };
}
/** A text without a sender: its id in the quarantine. */
const unreadable = async (side: Side): Promise<string> => {
  await texts(side.sms, { from: '', body: `Unreadable ${side.mark}` });
  return (await side.got(`GET /v1/channels/${side.sms.id}/quarantine`)).items[0].id;
};

const faqs = async ({ webchat, got, mark }: Side) => ({
  path: { id: webchat.id }, headers: at((await got(`GET /v1/channels/${webchat.id}/faqs`)).version), body: { items: [{ published: true, texts: { en: { question: `Question ${n++} ${mark}`, answer: `Answer ${mark}` } } }] },
});
/** A question that visitors may read. */
const published = async (side: Side) => {
  const { path, headers, body } = await faqs(side);
  return (await side.got(`PUT /v1/channels/${path.id}/faqs`, body, { headers })).items[0].id as string;
};

async function signIn(side: Side): Promise<Json> {
  const { email, password } = await side.person('support');
  return side.got('POST /v1/auth/login', { email, password });
}
