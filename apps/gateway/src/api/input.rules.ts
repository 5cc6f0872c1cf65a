import type { Request } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { endpointOf, fieldsOf, HEADER_FIELDS, optional, versionOf, type HeaderField } from '@parley/contracts/http';

/** What of an HTTP request may carry fields. */
export type Carried = { params: unknown; query: unknown; body: unknown; headers: Record<string, string | string[] | undefined> };
type Fields = Record<string, unknown>;

/**
 * Merges what a request carries into the input of its contract, not yet validated: the path, then the query of GET and DELETE or the JSON body of the
 * others, then headers. Each field has one place: what comes elsewhere is refused like any unknown field.
 * @throws ContractError VALIDATION_FAILED, VERSION_MISSING
 */
export function inputOf(contract: Request, { params, query, body, headers }: Carried): Fields {
  const endpoint = endpointOf(contract)!;
  const [carried, wrong] = endpoint.carrier === 'query' ? [query, body] : [body, query];
  const fields = objectOf(carried);
  const misplaced = [...Object.keys(objectOf(wrong)), ...Object.keys(fields).filter((name) => endpoint.params.includes(name) || name in HEADER_FIELDS)];
  if (misplaced.length) throw refused(...misplaced.map((name) => ({ pointer: `/${name}`, message: 'is not known here' })));
  const sent = Object.fromEntries(endpoint.headers.map((field) => [field, fromHeader(field, headers)]).filter(([, value]) => value !== undefined));
  const wanted = fieldsOf(contract.input)['ifMatch'];
  if (wanted && !optional(wanted) && sent['ifMatch'] === undefined) throw new ContractError('VERSION_MISSING', 'The request has no If-Match header');
  return { ...fields, ...(params as Fields), ...sent };
}

function objectOf(value: unknown): Fields {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw refused({ pointer: '', message: 'is no JSON object' });
  return value as Fields;
}

function fromHeader(field: HeaderField, headers: Carried['headers']): unknown {
  const value = headers[HEADER_FIELDS[field]];
  if (value === undefined || field !== 'ifMatch') return value;
  const version = versionOf(String(value).trim());
  if (version === null) throw refused({ pointer: '/ifMatch', message: 'is no ETag of ours, such as "v7"' });
  return version;
}

const refused = (...errors: { pointer: string; message: string }[]) => new ContractError('VALIDATION_FAILED', 'The request does not fit its description', { errors });
