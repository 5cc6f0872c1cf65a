import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { serve, type Answer } from '../stand-ins/web.js';
import { openApi } from './api.js';

// A guard that lets everything through guards nothing: the client that all e2e specs ask with must refuse what the document does not say.
const LIMITS = { 'ratelimit-limit': '1', 'ratelimit-remaining': '1', 'ratelimit-reset': '1' };
const document = {
  paths: { '/v1/things/{id}': { get: { operationId: 'things.get', responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } }, 404: { $ref: '#/components/responses/THING_NOT_FOUND' } } } } },
  components: { schemas: { Thing: { type: 'object', properties: { id: { type: 'string', format: 'uuid' } }, required: ['id'], additionalProperties: false } }, responses: { THING_NOT_FOUND: { content: { 'application/problem+json': { schema: { type: 'object', required: ['code'] } } } } } },
};
const right = { id: '0199aaaa-0000-7000-8000-000000000000' };

let answer: Answer & object;
let gateway: { url: string; close(): Promise<void> };
beforeEach(async () => {
  gateway = await serve(0, '127.0.0.1', ({ path }) => (path === '/openapi.json' ? { status: 200, body: document } : answer));
});
afterEach(() => gateway.close());
const ask = async (given: typeof answer, question = 'GET /v1/things/1') => {
  answer = given;
  return (await openApi(gateway.url)).call(question);
};

describe('an answer is refused', () => {
  it.each([
    ['with a status of its own', { status: 201, body: right, headers: LIMITS }, 'may not answer 201'],
    ['with a field too many', { status: 200, body: { ...right, secret: 1 }, headers: LIMITS }, 'must NOT have additional properties'],
    ['with a field too few', { status: 200, body: {}, headers: LIMITS }, "must have required property 'id'"],
    ['in another format', { status: 200, body: { id: 'seven' }, headers: LIMITS }, 'must match format "uuid"'],
    ['with a refusal of another shape', { status: 404, body: {}, headers: { ...LIMITS, 'content-type': 'application/problem+json' } }, "must have required property 'code'"],
    ['of another type', { status: 200, body: '<p>', html: true, headers: LIMITS }, 'answers text/html'],
    ['without rate limits', { status: 200, body: right }, 'tells no rate limit'],
  ])('%s', async (_how, given, reason) => {
    await expect(ask(given as typeof answer)).rejects.toThrow(reason);
  });

  it('at a path that is not in the document', async () => {
    await expect(ask({ status: 200, body: right, headers: LIMITS }, 'GET /v1/other')).rejects.toThrow('is not in the document');
  });
});

it('an answer as the document says is given to the test', async () => {
  expect((await ask({ status: 200, body: right, headers: LIMITS })).body).toEqual(right);
});
