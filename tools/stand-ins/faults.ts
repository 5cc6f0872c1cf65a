import { z } from 'zod';

/** What the outside world does wrong at the moment. Every switch stands until it is set back. */
export const Faults = z.strictObject({
  twilioStatus: z.union([z.literal(429), z.literal(500), z.literal(503)]).nullable().default(null).describe('Answer to every send; nothing is sent'),
  twilioLatencyMs: z.int().min(0).max(60_000).default(0),
  twilioHangs: z.boolean().default(false).describe('Takes the request, sends nothing, never answers'),
  twilioLosesAnswer: z.boolean().default(false).describe('Sends, and cuts the connection instead of answering'),
  callbacksOff: z.boolean().default(false),
  callbacksDoubled: z.boolean().default(false),
  callbacksReversed: z.boolean().default(false).describe('delivered before sent'),
  callbackDelayMs: z.int().min(0).max(60_000).default(20).describe('Before each one'),
  undeliveredCode: z.int().nullable().default(null).describe('The last state is undelivered, with this error code (30003: handset unreachable)'),
  graphCode: z.int().nullable().default(null).describe('Meta answers every call with this error (190: the token has expired; 130429, 4: too many; 131047: outside of 24 hours)'),
  graphTokenExpired: z.boolean().default(false).describe('Meta answers every call, media too, with error 190'),
  graphLatencyMs: z.int().min(0).max(60_000).default(0),
  graphHangs: z.boolean().default(false).describe('Meta takes the request and never answers'),
  graphLosesAnswer: z.boolean().default(false).describe('Meta sends, and cuts the connection instead of answering'),
  instagramWindowClosed: z.boolean().default(false).describe('Instagram takes only what carries the tag HUMAN_AGENT'),
  mediaExpired: z.boolean().default(false).describe('Addresses of Meta’s media have died'),
  smtpRecipientCode: z.union([z.literal(450), z.literal(550)]).nullable().default(null).describe('Answer to RCPT TO'),
  smtpDataCode: z.union([z.literal(451), z.literal(554)]).nullable().default(null).describe('Answer after the mail was taken'),
  imapRefusesLogin: z.boolean().default(false),
  imapFrozen: z.boolean().default(false).describe('The mailbox keeps its connections and says nothing'),
  imapLatencyMs: z.int().min(0).max(60_000).default(0).describe('Before each answer of the mailbox'),
  smtpLatencyMs: z.int().min(0).max(60_000).default(0).describe('Before the answer to the mail'),
});
export type Faults = z.output<typeof Faults>;

/** A world in which all goes well. */
export const noFaults = (): Faults => Faults.parse({});
