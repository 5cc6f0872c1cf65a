import { z } from 'zod';
import { Id, IfMatch, Instant, Locale, request, text } from './contract.js';
import { event } from './events.js';

const Words = z.array(text(40)).max(50).default([]);
const Answer = text(1600).nullable().default(null);
const OwnWords = z.strictObject({ stop: Words, start: Words, help: Words, join: Words }).prefault({}).describe('Words of the account’s own beside the standard ones (SMS-2)');
const Answers = {
  stopText: Answer.describe('Confirms STOP; null: a standard text'),
  startText: Answer.describe('Confirms START; null: a standard text'),
  helpText: Answer.describe('Answers HELP; null: a standard text'),
  joinText: Answer.describe('Confirms JOIN; null: a standard text'),
};

/** SMS-2: what keywords there are, and what we answer where the provider does not. */
export const KeywordSettings = z
  .strictObject({
    keywords: OwnWords,
    ...Answers,
    languages: z.record(Locale, z.strictObject({ keywords: OwnWords, ...Answers })).default({}).describe('The same by language: a word of a language is answered in it'),
    providerAnswersKeywords: z.boolean().default(false).describe('The provider answers the keywords that it knows by itself: to them we say nothing'),
  })
  .meta({ id: 'KeywordSettings' });
export type KeywordSettings = z.output<typeof KeywordSettings>;

/** What the auto-responder fills in; it opens no other braces. */
const FILLED = /\{\{\s*(profile\.(first_name|name)|account\.(name|email|sender_email))\s*(\|\s*default\s*:\s*"[^"{}\\]*"\s*)?\}\}/g;

/** SMS-3. */
export const AutoResponder = z
  .strictObject({
    audience: z.enum(['all', 'not_consented', 'off']).default('all').describe('Who is answered: everybody, only those who may not be answered by people, nobody'),
    text: text(1600)
      .refine((value) => !value.replace(FILLED, '').includes('{{'), 'holds a placeholder that is not known: there are profile.first_name, profile.name, account.name and account.sender_email')
      .nullable().default(null).describe('With placeholders as in macros, of the profile’s and the account’s names and the sender e-mail; null: the standard text'),
  })
  .meta({ id: 'AutoResponder' });
export type AutoResponder = z.output<typeof AutoResponder>;

/** SMS-3: what is sent where no text was chosen, and what is suggested to whoever works tickets here. */
export const AUTO_RESPONSES = {
  standard: 'This inbox is not monitored. Write to {{account.sender_email|default:"us by e-mail"}}. Reply STOP to cancel.',
  support: 'We cannot answer you here because you have not agreed to text messages. Write to {{account.sender_email|default:"us by e-mail"}} and we will help.',
} as const;

const WordList = z.array(z.string());
const Keywords = KeywordSettings.extend({
  channelId: Id,
  standard: z.object({ stop: WordList, start: WordList, help: WordList, join: WordList }).describe('Words that count always; case, accents, blanks and punctuation do not matter. YES is START only for somebody who has opted out'),
  version: z.int().positive().describe('The channel’s'),
}).meta({ id: 'Keywords' });
const Responder = AutoResponder.extend({
  channelId: Id,
  standardText: z.string(),
  suggestedText: z.string().describe('For support: why nobody answers'),
  version: z.int().positive().describe('The channel’s'),
}).meta({ id: 'AutoResponderAnswer' });

const OF_CHANNEL = ['CHANNEL_NOT_FOUND', 'CHANNEL_WITHOUT_KEYWORDS'] as const;
const CHANGING = [...OF_CHANNEL, 'VERSION_STALE', 'VERSION_MISSING'] as const;

export const texting = {
  keywords: request({
    subject: 'channels.keywords.get', http: 'GET /v1/channels/:id/keywords', scope: 'tickets:read', summary: 'The keywords of a channel for texts, and what is answered to them (SMS-2)',
    input: z.strictObject({ id: Id }), output: Keywords, errors: OF_CHANNEL,
  }),
  setKeywords: request({
    subject: 'channels.keywords.set', http: 'PUT /v1/channels/:id/keywords', scope: 'channels:admin', summary: 'Choose own keywords and answers; all of them are replaced',
    input: KeywordSettings.extend({ id: Id, ifMatch: IfMatch }), output: Keywords, errors: CHANGING,
  }),
  autoResponder: request({
    subject: 'channels.auto-responder.get', http: 'GET /v1/channels/:id/auto-responder', scope: 'tickets:read', summary: 'What texts without a keyword are answered by itself (SMS-3)',
    input: z.strictObject({ id: Id }), output: Responder, errors: OF_CHANNEL,
  }),
  setAutoResponder: request({
    subject: 'channels.auto-responder.set', http: 'PUT /v1/channels/:id/auto-responder', scope: 'channels:admin', summary: 'Choose who is answered by itself, and how: at most once an hour each',
    input: AutoResponder.extend({ id: Id, ifMatch: IfMatch }), output: Responder, errors: CHANGING,
  }),
};

export const textingEvents = {
  keywordAnswered: event({
    type: 'channel.keyword_answered', service: 'channels', version: 1, public: false, summary: 'A keyword was answered by itself: the answer stands in the thread, and opens nothing (TKT-9)',
    data: z.object({
      messageId: Id, inboundId: Id.describe('The message that was the keyword'), channelId: Id,
      to: z.object({ type: z.string(), value: z.string() }), keyword: z.enum(['stop', 'start', 'help', 'join']), text: z.string(), sentAt: Instant,
    }),
  }),
};
