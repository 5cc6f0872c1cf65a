import type { Operation } from '../e2e/api.js';
import type { Somebody } from './side.js';

/** A request to one operation. */
export interface Call {
  path?: Record<string, string>;
  query?: Record<string, string | number>;
  body?: Record<string, unknown>;
  headers?: Record<string, string>;
  /** Instead of a JSON body. */
  form?: () => FormData;
  /** Who asks where it is not the account's owner: a visitor. */
  as?: Somebody;
}
/** An operation of the document, with its place. */
export interface Placed {
  id: string;
  method: string;
  path: string;
  operation: Operation;
}
export interface Said {
  status: number;
  text: string;
}

/** Every operation of the document. */
export const operationsOf = (document: { paths: Record<string, Record<string, Operation>> }): Placed[] =>
  Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ id: operation.operationId, method: method.toUpperCase(), path, operation })));

/** Asks, and gives the answer as it came. */
export async function send(url: string, { method, path }: Pick<Placed, 'method' | 'path'>, call: Call, token?: string): Promise<Said> {
  const query = new URLSearchParams(Object.entries(call.query ?? {}).map(([name, value]): [string, string] => [name, String(value)])).toString();
  const where = path.replace(/\{(\w+)\}/g, (_part, name: string) => encodeURIComponent(call.path?.[name] ?? ''));
  const json = !call.form && ['POST', 'PUT', 'PATCH'].includes(method);
  const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(json && { 'content-type': 'application/json' }), ...call.headers };
  const response = await fetch(`${url}${where}${query && `?${query}`}`, { method, headers, body: call.form ? call.form() : json ? JSON.stringify(call.body ?? {}) : undefined, redirect: 'manual', signal: AbortSignal.timeout(60_000) });
  return { status: response.status, text: await response.text() };
}

const ID = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|wk_[0-9a-f]+)$/;
type Where = (string | number)[];

/** Where the one call names something that is the other account's in the other call: path, query, headers and body, however deep. */
export function slots(mine: Call, theirs: Call): Where[] {
  const found: Where[] = [];
  const walk = (a: unknown, b: unknown, at: Where) => {
    if (typeof a === 'string' && typeof b === 'string' && ID.test(b) && a !== b) found.push(at);
    else if (a && b && typeof a === 'object' && typeof b === 'object') for (const name of Object.keys(b)) walk((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name], [...at, name]);
  };
  for (const part of ['path', 'query', 'headers', 'body'] as const) walk(mine[part], theirs[part], [part]);
  return found;
}

/** The one call with what the other one says at this place. */
export function withTheirs({ form, as, ...mine }: Call, theirs: Call, where: Where): Call {
  const copy = structuredClone(mine) as Record<string | number, unknown>;
  const get = (from: unknown) => where.reduce<unknown>((inner, name) => (inner as Record<string | number, unknown>)[name], from);
  const last = where.at(-1)!;
  const holder = where.slice(0, -1).reduce<Record<string | number, unknown>>((inner, name) => inner[name] as Record<string | number, unknown>, copy);
  holder[last] = get(theirs);
  return { ...(copy as Call), form, as };
}
