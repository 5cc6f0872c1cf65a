import type { Ask, Output, Request } from './contract.js';
import { ContractError, ERRORS, type ErrorCode } from './errors.js';
import { endpointOf, etagOf, HEADER_FIELDS } from './http.js';

export type HttpClient = <R extends Request>(contract: R, input: Ask<R>, options?: { idempotencyKey?: string; signal?: AbortSignal }) => Promise<Output<R>>;

/**
 * Asks a running gateway by contract: `await client(tickets.close, { id, ifMatch: 7 })`. `authorization` is the whole header (`Bearer …`), or a function that
 * gives the current one. A refusal is thrown as the ContractError that it is; an answer that is none of ours, or none at all, as UNAVAILABLE.
 */
export function httpClient(baseUrl: string, { authorization }: { authorization?: string | (() => string | Promise<string>) } = {}): HttpClient {
  return async (contract, input, { idempotencyKey, signal } = {}) => {
    const { url, method, headers, body } = toHttp(contract, input as Record<string, unknown>);
    if (authorization) headers['authorization'] = typeof authorization === 'string' ? authorization : await authorization();
    if (idempotencyKey) headers['idempotency-key'] = idempotencyKey;
    const answer = await fetch(new URL(url, baseUrl), { method, headers, body, signal }).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      throw new ContractError('UNAVAILABLE', `Nobody answers at ${baseUrl}`);
    });
    const text = await answer.text();
    if (!answer.ok) throw refusalOf(answer.status, text);
    return contract.output.parse(text ? JSON.parse(text) : {}) as Output<typeof contract>;
  };
}

function toHttp(contract: Request, input: Record<string, unknown>) {
  const endpoint = endpointOf(contract);
  if (!endpoint) throw new Error(`${contract.subject} has no path`);
  const rest = { ...input };
  const take = (name: string) => {
    const value = rest[name];
    delete rest[name];
    return value;
  };
  const path = endpoint.path.replace(/:(\w+)/g, (_part, name: string) => encodeURIComponent(String(take(name))));
  const headers: Record<string, string> = { accept: 'application/json' };
  for (const field of endpoint.headers) {
    const value = take(field);
    if (value !== undefined) headers[HEADER_FIELDS[field]] = field === 'ifMatch' ? etagOf(value as number) : String(value);
  }
  if (endpoint.carrier === 'query') {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(rest)) if (value !== undefined) query.set(name, String(value));
    return { method: endpoint.method, url: query.size ? `${path}?${query}` : path, headers, body: undefined };
  }
  headers['content-type'] = 'application/json';
  return { method: endpoint.method, url: path, headers, body: JSON.stringify(rest) };
}

function refusalOf(status: number, text: string): ContractError {
  try {
    const { code, detail, type: _type, title: _title, status: _status, ...more } = JSON.parse(text) as { code: ErrorCode; detail: string } & Record<string, unknown>;
    if (code in ERRORS) return new ContractError(code, detail, more);
  } catch {
    // Not JSON: a proxy between us speaks.
  }
  return new ContractError('UNAVAILABLE', `Answered ${status} without saying why`);
}
