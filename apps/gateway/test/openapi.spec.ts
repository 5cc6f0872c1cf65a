import { describe, expect, it } from '@jest/globals';
import Ajv2020 from 'ajv/dist/2020.js';
import { endpointOf } from '@parley/contracts/http';
import { ALL_REQUESTS } from '@parley/contracts/everything';
import { openapi } from '@parley/contracts/openapi';
import { tickets } from '@parley/contracts/tickets';

type Operation = { operationId: string; 'x-scope': string; parameters: { name: string }[]; requestBody: Body; responses: Record<string, Body & { headers: object }> };
type Body = { content: Record<string, { schema: { properties: object; additionalProperties: boolean } }> };
const document = openapi(ALL_REQUESTS);
const contracts = Object.values(ALL_REQUESTS).flatMap((group) => Object.values(group));
const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation: operation as unknown as Operation })));

describe('the OpenAPI document', () => {
  it('names every request with a path once, and none that is internal', () => {
    const exposed = contracts.filter((contract) => endpointOf(contract));
    expect(operations).toHaveLength(exposed.length);
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
    expect(JSON.stringify(document)).not.toContain('channels.webchat.authenticate');
  });

  it('refers only to components that stand in it', () => {
    const wanted = [...JSON.stringify(document).matchAll(/"#\/components\/(\w+)\/([^"]+)"/g)];
    expect(wanted.length).toBeGreaterThan(50);
    for (const [, kind, name] of wanted) expect((document.components as Record<string, Record<string, unknown>>)[kind!]).toHaveProperty([name!]);
  });

  it('has components that are valid JSON Schema 2020-12', () => {
    const ajv = new Ajv2020.default({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: 'https://parley.example/openapi', components: document.components });
    for (const name of Object.keys(document.components['schemas'] as object)) {
      expect(() => ajv.compile({ $ref: `https://parley.example/openapi#/components/schemas/${name}` })).not.toThrow();
    }
  });

  it('puts the version into headers, out of the body', () => {
    const patch = operations.find(({ path, method }) => path === '/v1/tickets/{id}' && method === 'patch')!.operation;
    expect(patch.parameters).toContainEqual(expect.objectContaining({ name: 'If-Match', in: 'header', required: true }));
    expect(Object.keys(patch.requestBody.content['application/json']!.schema.properties)).toEqual(['assigneeId', 'teamId', 'priority', 'subject']);
    expect(patch.responses['200']!.headers).toHaveProperty('ETag');
    expect(patch.responses['412']).toEqual({ $ref: '#/components/responses/VERSION_STALE' });
  });

  it('offers Idempotency-Key on every POST of somebody known, and nowhere else', () => {
    for (const { method, operation } of operations) {
      const offered = operation.parameters.some(({ name }) => name === 'Idempotency-Key');
      expect(offered).toBe(method === 'post' && operation['x-scope'] !== 'public');
    }
  });

  it('lets no answer carry a field that its description lacks', () => {
    const list = operations.find(({ operation }) => operation.operationId === 'tickets.list')!.operation;
    expect(list.responses['200']!.content['application/json']!.schema.additionalProperties).toBe(false);
    expect(endpointOf(tickets.close)).toMatchObject({ method: 'PUT', params: ['id'], carrier: 'body', headers: ['ifMatch'] });
  });

  it('is the same document every time', () => {
    expect(JSON.stringify(openapi(ALL_REQUESTS))).toBe(JSON.stringify(document));
  });
});
