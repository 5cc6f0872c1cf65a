import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventually } from '../demo/waiting.js';
import type { Json } from '../e2e/api.js';
import { openTown, type Town } from '../e2e/town.js';
import { operationsOf, send, type Call, type Placed } from './calls.js';
import { openSide, type Side } from './side.js';

// Bad input over the whole document (API4, API8 of OWASP): whatever is sent is refused or taken, in time, and never breaks anything.
const SEED = Number(process.env['PARLEY_FUZZ_SEED'] ?? 20_261_120);
/** Per operation. About 30 seconds in all. */
const RUNS = Number(process.env['PARLEY_FUZZ_RUNS'] ?? 25);

let town: Town;
let url: string;
let side: Side;
let visitor: string;
let operations: Placed[];

beforeAll(async () => {
  town = await openTown({ replicas: {}, env: { PARLEY_RATE_LIMIT_PER_MINUTE: '1000000' } });
  [url] = town.system.gatewayUrls as [string];
  side = await openSide(town, 'f');
  visitor = (await side.chat()).guest.token;
  operations = operationsOf(town.api.document);
});
afterAll(() => town?.close());

const TEXTS = ['', ' ', '\0', '\u202e', '\ud800', '💥'.repeat(50), 'é'.normalize('NFD'), '%00', '../../etc/passwd', "' OR 1=1 --", '{{7*7}}', '${7*7}', '<script>alert(1)</script>', '\r\nSet-Cookie: a=b', 'NaN', 'null', '-1', '1e309', '9223372036854775808', '01900000-0000-7000-8000-00000000000g', '01900000-0000-7000-8000-000000000000', '0000-00-00', '2026-02-30T25:61:61Z', '+15005550100', 'x@y.example', 'a'.repeat(70_000), '__proto__', 'constructor'];
const word = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: 'binary', maxLength: 40 }));
const number = fc.oneof(fc.constantFrom(0, -1, 1, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 0.1), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
const anything = fc.oneof(word, number, fc.boolean(), fc.constant(null), fc.constant([]), fc.constant({}), fc.array(word, { maxLength: 3 }), fc.dictionary(word, fc.oneof(word, number), { maxKeys: 3 }), fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>);

type Schema = Json;
/** What nearly fits a shape, with something wrong at any place. */
function near(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  const resolved: Schema = schema?.$ref ? (town.api.document.components as Json).schemas[schema.$ref.split('/').at(-1)] : (schema ?? {});
  return fc.oneof({ weight: 1, arbitrary: anything }, { weight: 6, arbitrary: fitting(resolved, depth) });
}
function fitting(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (depth > 6) return anything;
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return fc.oneof(...choices.map((one: Schema) => near(one, depth + 1)));
  if (schema.type === 'object') return fc.record(Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, near(inner, depth + 1)])), { requiredKeys: (schema.required ?? []).filter((name: string) => name in (schema.properties ?? {})) as never[] });
  if (schema.type === 'array') return fc.array(near(schema.items ?? {}, depth + 1), { maxLength: 4 });
  if (schema.type === 'integer' || schema.type === 'number') return number;
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.format === 'uuid') return fc.constantFrom(side.sms.id as string, side.brand.owner.id as string, '01900000-0000-7000-8000-000000000000');
  if (schema.format === 'date-time') return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString());
  if (schema.format === 'email') return fc.emailAddress();
  return word;
}

/** Requests to one operation, each wrong in its own way. */
function requests({ operation }: Placed): fc.Arbitrary<Call & { again?: string }> {
  const parameters = operation.parameters as (Json & { name: string })[];
  const of = (where: string) => fc.record(Object.fromEntries(parameters.filter((one) => one.in === where).map((one) => [one.name, near(one.schema).map(plain)])), { requiredKeys: parameters.filter((one) => one.in === where && one.required).map(({ name }) => name) as never[] });
  const body = (operation as Json).requestBody?.content?.['application/json']?.schema as Schema | undefined;
  return fc.record({ path: of('path'), query: of('query'), headers: fc.constantFrom({}, { 'if-match': '"v1"' }, { 'if-match': 'W/"x"' }, { 'if-match': '"v99999999999999999999"' }), body: body ? near(body) : fc.constant(undefined) }) as fc.Arbitrary<Call>;
}
/** As it stands in an address: text that an address cannot hold is sent as it can. */
const plain = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)).replace(/\p{Surrogate}/gu, '?').slice(0, 500);

/** Never twice: it ends the very session that asks, moves the clock by years, or opens accounts without end. */
const SPARED = ['clock.advance', 'access.signUp', 'webchat.end'];

describe('bad input', () => {
  it(`gets no 5xx and no hang, whatever the operation (PARLEY_FUZZ_SEED=${SEED})`, async () => {
    const wrong: string[] = [];
    let asked = 0;
    for (const place of operations.filter(({ id }) => !SPARED.includes(id))) {
      const token = place.operation['x-scope'] === 'visitor' ? visitor : side.brand.token;
      const calls = fc.sample(requests(place), { seed: SEED, numRuns: RUNS });
      const answers = await Promise.all(calls.map(async (call) => {
        asked += 1;
        return send(url, place, { ...call, path: call.path && Object.fromEntries(Object.entries(call.path).map(([name, value]) => [name, value || '%'])) }, token).catch((error: Error) => ({ status: 0, text: error.message }));
      }));
      answers.forEach(({ status, text }, at) => {
        if (status === 0 || status >= 500) wrong.push(`${place.id}: ${status} ${text.slice(0, 200)} to ${JSON.stringify(calls[at]).slice(0, 600)}`);
      });
    }
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(operations.length * RUNS * 0.9);
  }, 600_000);

  it.each([
    ['a body that is no JSON', '{"a":', 400],
    ['a list', '[]', 400],
    ['a string', '"x"', 400],
    ['a number that JSON does not know', '{"name":NaN}', 400],
    ['ten thousand levels', `{"name":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 400],
    ['sixty thousand fields', `{${Array.from({ length: 60_000 }, (_, n) => `"f${n}":1`).join()}}`, 400],
    ['a key that reaches for prototypes', '{"__proto__":{"polluted":true},"name":"x"}', 400],
    ['two megabytes', JSON.stringify({ name: 'x'.repeat(2_000_000) }), 413],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 400],
  ])('%s is refused by every write that takes a body', async (_what, body, status) => {
    const wrong: string[] = [];
    for (const { id, method, path, operation } of operations.filter(({ operation: one }) => (one as Json).requestBody?.content?.['application/json'])) {
      const token = operation['x-scope'] === 'visitor' ? visitor : side.brand.token;
      const where = path.replace(/\{\w+\}/g, '01900000-0000-7000-8000-000000000000');
      const response = await fetch(url + where, { method, body, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'if-match': '"v1"' }, signal: AbortSignal.timeout(60_000) }).catch(hungUp);
      if (!response && status === 413) continue;
      await response?.arrayBuffer();
      if (response?.status !== status && response?.status !== 413) wrong.push(`${id}: ${response?.status ?? 'no answer'}`);
    }
    expect(wrong).toEqual([]);
  });

  it('leaves every service ready', async () => {
    for (const process of town.system.processes) await eventually(`${process.name} ready`, async () => (await fetch(`${process.url}/readyz`)).status === 200);
    expect((await side.ask('GET /v1/me')).status).toBe(200);
  });
});

/** Who still writes what is refused may find the line closed before the 413 is read (RFC 9112, 9.6). */
function hungUp(error: Error): null {
  if (!['EPIPE', 'ECONNRESET', 'UND_ERR_SOCKET'].includes((error.cause as { code?: string } | undefined)?.code ?? '')) throw error;
  return null;
}
