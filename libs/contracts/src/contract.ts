import { z } from 'zod';
import type { ErrorCode } from './errors.js';

/** What a key or a role may be given (ACC-2, ACC-3). Roles get theirs from `ROLE_SCOPES` in access.ts. */
export const SCOPES = [
  'tickets:read', 'tickets:write', 'messages:send', 'profiles:read', 'profiles:write', 'events:write', 'feed:read',
  'desk:admin', 'channels:admin', 'webhooks:admin', 'settings:admin', 'people:admin', 'audit:read', 'reports:read', 'exports:content',
] as const;
export const Scope = z.enum(SCOPES).meta({ id: 'Scope' });
export type Scope = z.infer<typeof Scope>;

/**
 * Who may ask: a scope, or
 * `public` (nobody needs to sign in), `person` (any signed-in person), `visitor` (a web chat session), `internal` (only our own services).
 */
export type Guard = Scope | 'public' | 'person' | 'visitor' | 'internal';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A question that one service answers: from this one value come subject, route, validation, OpenAPI entry, clients and guard. */
export type Request<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> = {
  /** `service.resource.verb`: who answers. The gateway answers its own (`access.…`) itself. */
  subject: `${string}.${string}.${string}`;
  /** Method and path at the gateway; `:name` parts are fields of `input`. Left out where only services ask. */
  http?: `${Method} /${string}`;
  /** Status of a success; 200 unless told. */
  status?: 200 | 201 | 202 | 204;
  /** Type of the body where it is no JSON: the gateway reads it by a route of its own. */
  media?: 'multipart/form-data';
  scope: Guard;
  summary: string;
  input: I;
  output: O;
  errors: readonly ErrorCode[];
};

/** Declares a request. Keeps the literal types, so that clients and handlers are typed by it. */
export const request = <I extends z.ZodType, O extends z.ZodType>(contract: Request<I, O>): Request<I, O> => contract;

/** What the caller writes: defaults may be left out. */
export type Ask<R extends Request> = z.input<R['input']>;
/** What the handler gets: parsed, defaults filled in. */
export type Input<R extends Request> = z.output<R['input']>;
/** What comes back. */
export type Output<R extends Request> = z.output<R['output']>;

export const ActorType = z.enum(['customer', 'agent', 'ai_agent', 'automation', 'import', 'system']).meta({ id: 'ActorType' });
export type ActorType = z.infer<typeof ActorType>;

/** On whose behalf something happens. Verified by the gateway; the account comes from here alone (ACC-1). */
export type Actor = {
  account: string;
  type: ActorType;
  /** Person, API key, chat session or service; null for what the system does by itself. */
  id: string | null;
  scopes: readonly Guard[];
  /** The id of the command being carried out; a repeat carries the same and has the same effect (messaging.md, commands). */
  command?: string;
  /** Network address the request came from, for the audit log (ACC-6: from where). */
  address?: string;
};

/** A class that `implements Answers<typeof tickets>` answers every request of the group, or does not compile. */
export type Answers<G extends Record<string, Request>> = {
  [K in keyof G]: (input: Input<G[K]>, by: Actor) => Promise<Output<G[K]>>;
};

export const Id = z.uuid().describe('UUIDv7');
export const Instant = z.iso.datetime({ offset: true }).describe('RFC 3339, answered in UTC with milliseconds');
/** An IANA zone this runtime knows, such as `Europe/Berlin`. */
export const TimeZone = z
  .string()
  .max(64)
  .refine((zone) => isTimeZone(zone), 'is no IANA time zone, such as Europe/Berlin')
  .meta({ id: 'TimeZone', description: 'IANA time zone' });
export const Locale = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'is no BCP 47 tag, such as en or pt-BR').meta({ id: 'Locale', description: 'BCP 47 tag' });
/** Text people write: no NUL (Postgres cannot hold it), no lone surrogate. */
export const text = (max: number) =>
  z.string().min(1).max(max).refine((value) => isStorable(value), 'holds a character that cannot be stored (NUL or half a surrogate pair)');
/** Something in several languages, by BCP 47 tag; where the reader's is missing, another of these is shown. */
export const wordsIn = <T extends z.ZodType>(words: T) =>
  z.record(Locale, words).refine((texts) => Object.keys(texts).length > 0 && Object.keys(texts).length <= 50, 'holds no language, or more than 50');
/** The version last seen: the `If-Match` header, `"v7"`, at the gateway. */
export const IfMatch = z.int().positive().describe('The version last seen; over HTTP the header If-Match: "v7"');

const isTimeZone = (zone: string) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '' && !/^[+-]/.test(zone);
  } catch {
    return false;
  }
};
const isStorable = (value: string) => !/[\0\p{Surrogate}]/u.test(value);

/** The query of a list: keyset pages, never offsets. */
export const PageInput = {
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().max(1024).optional().describe('nextCursor of the page before'),
};
/** A page of a list; `nextCursor` is null on the last one. */
export const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().nullable() });
/** The answer of something that has nothing to say. */
export const Nothing = z.object({});
/** A flag in a query string. */
export const QueryFlag = z.enum(['true', 'false']);
