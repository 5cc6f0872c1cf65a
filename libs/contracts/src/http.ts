import { z } from 'zod';
import type { Request } from './contract.js';

/** What a contract means over HTTP: read alike by the gateway, the OpenAPI document and the client. */
export type Endpoint = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `:name` parts. */
  path: string;
  /** The fields of the input that stand in the path. */
  params: string[];
  /** Where the other fields travel: GET and DELETE carry a query, the others a JSON body. */
  carrier: 'query' | 'body';
  /** The fields that travel as headers, never in path, query or body. */
  headers: HeaderField[];
};
export type HeaderField = keyof typeof HEADER_FIELDS;
/** Fields of inputs that HTTP has headers for. */
export const HEADER_FIELDS = { ifMatch: 'if-match', origin: 'origin', identity: 'parley-identity' } as const;

/** Null where only our own services ask: such a request is never exposed, whatever else it says. */
export function endpointOf(contract: Request): Endpoint | null {
  if (!contract.http || contract.scope === 'internal') return null;
  const [method, path] = contract.http.split(' ') as [Endpoint['method'], string];
  const fields = fieldsOf(contract.input);
  return {
    method,
    path,
    params: [...path.matchAll(/:(\w+)/g)].map((part) => part[1]!),
    carrier: method === 'GET' || method === 'DELETE' ? 'query' : 'body',
    headers: (Object.keys(HEADER_FIELDS) as HeaderField[]).filter((field) => field in fields),
  };
}

/** The fields of an input; none for a choice of several shapes. */
export const fieldsOf = (input: z.ZodType): Record<string, z.ZodType> => (input instanceof z.ZodObject ? (input.shape as Record<string, z.ZodType>) : {});
/** May this field be left out? */
export const optional = (field: z.ZodType) => field.safeParse(undefined).success;

/** `"v7"`: the ETag of version 7 (RFC 9110, strong). */
export const etagOf = (version: number) => `"v${version}"`;
/** The version that an ETag names; null for anything that none of ours says. */
export const versionOf = (etag: string): number | null => {
  const digits = /^"v([1-9]\d{0,14})"$/.exec(etag)?.[1];
  return digits ? Number(digits) : null;
};
