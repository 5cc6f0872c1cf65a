import { z } from 'zod';
import type { Request } from './contract.js';
import { ERRORS, type ErrorCode } from './errors.js';
import { endpointOf, fieldsOf, HEADER_FIELDS, optional, type Endpoint } from './http.js';

type Json = Record<string, unknown>;
export type OpenApi = { openapi: '3.1.0'; info: Json; paths: Record<string, Record<string, Json>>; components: Json } & Json;

/** A refusal as it is answered (RFC 9457). */
export const Problem = z
  .object({
    type: z.string().describe('Names the kind of problem, such as urn:parley:problem:not-found'),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable name to decide by'),
    detail: z.string().describe('For people'),
    traceId: z.string().describe('Finds the request in the logs'),
    errors: z.array(z.object({ pointer: z.string().describe('JSON pointer to the field (RFC 6901)'), message: z.string() })).optional(),
    reason: z.string().optional(),
    current: z.unknown().optional().describe('VERSION_STALE: the representation as it is now'),
    oldest: z.int().optional().describe('FEED_EXPIRED: the first sequence that is still kept'),
    head: z.int().optional().describe('FEED_EXPIRED: the newest sequence'),
  })
  .meta({ id: 'Problem' });

/** The OpenAPI 3.1 document of all requests that have a path. Pure: the same contracts give the same document. */
export function openapi(groups: Record<string, Record<string, Request>>, version = '1'): OpenApi {
  const components = new Components();
  components.of(Problem, 'output');
  const paths: OpenApi['paths'] = {};
  for (const [group, requests] of Object.entries(groups)) {
    for (const [name, contract] of Object.entries(requests)) {
      const endpoint = endpointOf(contract);
      if (!endpoint) continue;
      const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
      (paths[path] ??= {})[endpoint.method.toLowerCase()] = operation(`${group}.${name}`, contract, endpoint, components);
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Parley', version, description: ABOUT },
    tags: Object.keys(groups).map((name) => ({ name })),
    paths,
    components: { schemas: components.schemas, responses: components.responses, securitySchemes: SECURITY_SCHEMES, headers: HEADERS },
  };
}

/** What stands in no single operation. */
const ABOUT = `The public API. Everything the console, the widget and the tests do, they do by it.

**Repeating a POST.** Under an \`Idempotency-Key\` a POST happens once: for 24 hours the same key and body get the same status and body, with \`Idempotency-Replayed: true\`; another body is refused with 422, a first request that is still running with 409. After 503, 500 or 429 the same key goes on where it was left. Sign-up and sign-in take no key. A repeated \`POST /v1/api-keys\` shows the same key again; its secret is not stored for that.

**Limits.** A person or key has a bucket of requests a minute, an account ten times as many, and whoever is not signed in one per network address. Buckets are kept per gateway process. \`/hooks\` has none.

**Files.** \`POST /v1/attachments\` takes one file of up to 25 MiB as multipart/form-data; its id goes into a reply. \`GET /v1/attachments/:id\` answers a \`url\` that gives the bytes for five minutes, to whoever asked for it and only while they are signed in; pictures may be shown, everything else is only saved.

**Exports of a customer.** \`POST /v1/profiles/:id/export\` answers a \`url\`, \`GET /v1/profile-exports?link=\`: newline-delimited JSON, a line \`{"service","kind","row"}\` for everything that is held, and \`{"end":true}\` as the last one; without it the export broke off. Lines of files have a \`url\` of their own, \`GET /v1/profile-exports/file?link=\`, which gives the bytes. Links need no sign-in and are good for 24 hours.

**Live events.** \`WS /v1/live?token=&after=\` (or an Authorization header) sends every event of the feed after a sequence, in order and once, then what happens; without \`after\` it begins now. \`GET /v1/feed/stream?after=\` says the same as server-sent events and resumes by \`Last-Event-ID\`. Needs \`feed:read\`; without \`tickets:read\` events hold ids only. Send \`{"type":"typing"|"presence","ticket":"<id>","session":"<id of the chat>"}\` to tell colleagues (and the visitor) what you do: they get \`{"kind","ticket","session","user"}\`, without a sequence. A frame about typing is good for 5 seconds. Send \`{"type":"viewing","ticket":"<id>"}\` when you open a ticket and every 20 seconds while it is before you, with \`"ticket":null\` when you leave it: colleagues get \`{"kind":"viewing","ticket","session":null,"user","validSeconds"}\`, which holds for that long, 0 meaning no longer; whoever opens a ticket gets one for each who looks at it already, and a socket that closes looks at nothing. Close codes: 4000 resync (too far behind, or too slow: load the current state, then follow from the head), 4001 signed out or no longer allowed, 1013 try again later, 1001 going away. A frame may hold 64 kB.

**Web chat.** \`WS /v1/webchat/socket?token=<sessionToken>&afterSeq=\` replays the thread after a message, then brings \`{"type":"message","message":ChatMessage}\`, \`{"type":"typing"}\` and \`{"type":"closed"}\`. Send \`{"type":"message","clientId","text","attachments":[<ids>]}\` and get \`{"type":"ack","clientId","id","sessionId"}\`; \`{"type":"read","upToSeq"}\`, \`{"type":"typing"}\`, \`{"type":"end"}\`. What cannot be carried out comes back as \`{"type":"error","code","detail","clientId"?}\`. Close code 1008: too many windows of one chat (10), or frames faster than they can be carried out; 4000: too slow, open again after the last \`seq\`. A page is told by CORS, and a socket by 403, whether its origin may use the channel.`;

const SECURITY_SCHEMES = {
  person: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token of a signed-in person' },
  apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, plk_live_… or plk_test_…' },
  visitor: { type: 'http', scheme: 'bearer', description: 'The session token of a web chat' },
};
const HEADERS = {
  ETag: { description: 'The version, "v7"; send it back as If-Match', schema: { type: 'string' } },
  RateLimitLimit: { description: 'How many requests the bucket holds', schema: { type: 'integer' } },
  RateLimitRemaining: { description: 'How many are left', schema: { type: 'integer' } },
  RateLimitReset: { description: 'Seconds until the bucket is full again', schema: { type: 'integer' } },
  RetryAfter: { description: 'Seconds to wait', schema: { type: 'integer' } },
};
const RATE_HEADERS = {
  'RateLimit-Limit': { $ref: '#/components/headers/RateLimitLimit' },
  'RateLimit-Remaining': { $ref: '#/components/headers/RateLimitRemaining' },
  'RateLimit-Reset': { $ref: '#/components/headers/RateLimitReset' },
};

function operation(id: string, contract: Request, endpoint: Endpoint, components: Components): Json {
  const body = endpoint.carrier === 'body' ? bodyOf(contract, endpoint, components) : undefined;
  return {
    operationId: id,
    tags: [id.split('.')[0]],
    summary: contract.summary,
    'x-scope': contract.scope,
    security: security(contract),
    parameters: parameters(contract, endpoint, components),
    ...(body && { requestBody: { required: true, content: { [contract.media ?? 'application/json']: { schema: body } } } }),
    responses: { [contract.status ?? 200]: success(contract, components), ...refusals(contract, endpoint, components) },
  };
}

const security = ({ scope }: Request) => {
  if (scope === 'public') return [];
  if (scope === 'visitor' || scope === 'person') return [{ [scope]: [] }];
  return [{ person: [] }, { apiKey: [] }];
};

function parameters(contract: Request, endpoint: Endpoint, components: Components): Json[] {
  const all = Object.entries(fieldsOf(contract.input));
  const inPath = all.filter(([name]) => endpoint.params.includes(name)).map(([name, field]) => parameter('path', name, true, components.of(field, 'input')));
  const inQuery = all
    .filter(([name]) => endpoint.carrier === 'query' && !endpoint.params.includes(name) && !(name in HEADER_FIELDS))
    .map(([name, field]) => parameter('query', name, !optional(field), components.of(field, 'input')));
  // A browser sends Origin by itself: it is no parameter of anybody's.
  const ifMatch = all.filter(([name]) => name === 'ifMatch').map(([, field]) => parameter('header', 'If-Match', !optional(field), { type: 'string', pattern: '^"v[1-9][0-9]*"$', examples: ['"v7"'] }));
  const identity = all.filter(([name]) => name === 'identity').map(([, field]) => parameter('header', 'Parley-Identity', false, components.of(field, 'input')));
  const once = repeatable(contract, endpoint) ? [parameter('header', 'Idempotency-Key', false, { type: 'string', minLength: 1, maxLength: 255 })] : [];
  return [...inPath, ...inQuery, ...ifMatch, ...identity, ...once];
}
const parameter = (where: string, name: string, required: boolean, schema: Json): Json => ({ name, in: where, required, schema });

/** A POST of somebody known may be repeated under an Idempotency-Key. */
export const repeatable = (contract: Request, endpoint: Endpoint) => endpoint.method === 'POST' && contract.scope !== 'public';

function bodyOf(contract: Request, endpoint: Endpoint, components: Components): Json | undefined {
  if (contract.media) return { type: 'object', properties: { file: { type: 'string', format: 'binary' } }, required: ['file'] };
  const input = contract.input;
  if (!(input instanceof z.ZodObject)) return components.of(input, 'input');
  const elsewhere = new Set<string>([...endpoint.params, ...endpoint.headers]);
  const rest = Object.entries(fieldsOf(input)).filter(([name]) => !elsewhere.has(name));
  return rest.length ? components.of(z.strictObject(Object.fromEntries(rest)), 'input') : undefined;
}

function success(contract: Request, components: Components): Json {
  const headers = { ...RATE_HEADERS, ...('version' in fieldsOf(contract.output) && { ETag: { $ref: '#/components/headers/ETag' } }) };
  if (contract.status === 204) return { description: 'Done', headers };
  return { description: contract.summary, headers, content: { 'application/json': { schema: components.of(contract.output, 'output') } } };
}

/** What may be refused, by status: the contract's own list and what every request may meet. */
function refusals(contract: Request, endpoint: Endpoint, components: Components): Json {
  const known = contract.scope === 'public' ? [] : (['NOT_SIGNED_IN', 'TOKEN_EXPIRED', 'SESSION_REVOKED', 'SCOPE_MISSING'] as const);
  const elsewhere = contract.scope === 'visitor' ? (['ORIGIN_NOT_ALLOWED'] as const) : [];
  const repeats = repeatable(contract, endpoint) ? (['REQUEST_IN_PROGRESS', 'IDEMPOTENCY_KEY_REUSED'] as const) : [];
  const sent = endpoint.carrier === 'body' ? (['TOO_LARGE', 'MEDIA_TYPE_NOT_SUPPORTED'] as const) : [];
  const codes: ErrorCode[] = [...new Set<ErrorCode>(['VALIDATION_FAILED', ...known, ...elsewhere, ...contract.errors, ...repeats, ...sent, 'RATE_LIMITED', 'INTERNAL', 'UNAVAILABLE'])];
  const statuses = [...new Set(codes.map((code) => ERRORS[code].status))].sort((a, b) => a - b);
  return Object.fromEntries(statuses.map((status) => [status, components.refused(status, codes.filter((code) => ERRORS[code].status === status))]));
}

const refusal = (status: number, codes: ErrorCode[]): Json => ({
  description: codes.map((code) => `${code}: ${ERRORS[code].title}`).join('; '),
  headers: { ...RATE_HEADERS, ...((status === 429 || status === 503) && { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } }) },
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

/** Collects what operations share. */
class Components {
  readonly schemas: Record<string, Json> = {};
  readonly responses: Record<string, Json> = {};

  /** A link to the answer that refuses with one of these codes. */
  refused(status: number, codes: ErrorCode[]): Json {
    const name = codes.join('.');
    this.responses[name] ??= refusal(status, codes);
    return { $ref: `#/components/responses/${name}` };
  }

  /** The schema; named shapes in it become links. One that reads differently when sent than when answered stands twice: `NameInput` beside `Name`. */
  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    const { $schema: _, $defs, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json & { $defs?: Record<string, Json> };
    const names = new Map<string, string>();
    const plain = (name: string, definition: Json) => JSON.stringify(definition) === JSON.stringify(this.schemas[name] ?? definition);
    const link = (json: Json) => JSON.parse(JSON.stringify(json).replace(/"#\/\$defs\/([^"]+)"/g, (_all, name: string) => `"#/components/schemas/${names.get(name) ?? name}"`)) as Json;
    for (const [name, definition] of Object.entries($defs ?? {})) if (!plain(name, link(definition))) names.set(name, name + (io === 'input' ? 'Input' : 'Output'));
    for (const [name, definition] of Object.entries($defs ?? {})) this.schemas[names.get(name) ?? name] = link(definition);
    return link(json);
  }
}
