import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** What the document says of one operation, as far as it is looked at. */
export interface Operation {
  operationId: string;
  'x-scope': string;
  security: Record<string, unknown>[];
  parameters: { name: string; in: string; required: boolean }[];
  requestBody?: { content: Record<string, unknown> };
  responses: Record<string, DescribedAnswer | { $ref: string }>;
}
interface DescribedAnswer {
  content?: Record<string, { schema: object }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { responses?: Record<string, DescribedAnswer> };
}

export interface Question {
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
}
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the document, not a type, says what an answer looks like
export type Json = any;
export interface Answer {
  status: number;
  headers: Headers;
  body: Json;
}

/** A client that knows nothing but the document at /openapi.json, and holds every answer against it. */
export interface Api {
  document: Document;
  /** Asks `METHOD /path`. Throws when the answer is not as the document says: its status, its type, its shape, its headers. */
  call(question: string, more?: Question): Promise<Answer>;
}

/** Reads the document of a running gateway. `through` asks another gateway by the same document. */
export async function openApi(gatewayUrl: string): Promise<Api & { through(url: string): Api }> {
  const document = (await (await fetch(`${gatewayUrl}/openapi.json`)).json()) as Document;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
  ajv.addSchema({ $id: 'parley', components: document.components });
  const shapes = new Map<string, ReturnType<typeof ajv.compile>>();

  function misfit(key: string, schema: object, body: unknown): string | null {
    const local = JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"parley#/components/')) as object;
    const validate = shapes.get(key) ?? ajv.compile(local);
    shapes.set(key, validate);
    return validate(body) ? null : ajv.errorsText(validate.errors);
  }

  function check(method: string, path: string, { status, headers, body }: Answer): string | null {
    const operation = operationAt(document, method, path);
    if (!operation) return status === 404 || status === 405 ? null : 'is not in the document';
    const response = responseOf(document, operation, status);
    if (!response) return `may not answer ${status}`;
    const [type] = (headers.get('content-type') ?? '').split(';');
    const [[expected, { schema }] = [undefined, { schema: {} }]] = Object.entries(response.content ?? {});
    if (expected !== undefined && type !== expected) return `answers ${type}, not ${expected}`;
    if (!headers.has('ratelimit-limit') || !headers.has('ratelimit-remaining') || !headers.has('ratelimit-reset')) return 'tells no rate limit';
    return expected === undefined ? null : misfit(`${operation.operationId} ${status}`, schema, body);
  }

  const at = (url: string): Api => ({
    document,
    async call(question, { token, body, headers = {} } = {}) {
      const [method = '', path = ''] = question.split(' ');
      const all = { ...(token && { authorization: `Bearer ${token}` }), ...(body !== undefined && { 'content-type': 'application/json' }), ...headers };
      const response = await fetch(url + path, { method, headers: all, body: body === undefined ? undefined : JSON.stringify(body) });
      const text = await response.text();
      const answer: Answer = { status: response.status, headers: response.headers, body: bodyOf(text) };
      const wrong = check(method, path, answer);
      if (wrong) throw new Error(`${question} ${wrong}\n${response.status} ${text.slice(0, 2000)}`);
      return answer;
    },
  });
  return { ...at(gatewayUrl), through: at };
}

function bodyOf(text: string): unknown {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return text;
  }
}

/** Refusals are links to a component, successes stand in place. */
function responseOf({ components }: Document, { responses }: Operation, status: number): DescribedAnswer | undefined {
  const response = responses[status];
  return response && '$ref' in response ? components.responses?.[response.$ref.replace(/^.*\//, '')] : response;
}

/** The operation behind a path with real values; paths without a variable come first. */
function operationAt({ paths }: Document, method: string, asked: string): Operation | undefined {
  const path = asked.split('?')[0] ?? '';
  const fits = (template: string) => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
  const template = Object.keys(paths).filter(fits).sort((a, b) => a.split('{').length - b.split('{').length)[0];
  return template ? paths[template]?.[method.toLowerCase()] : undefined;
}
