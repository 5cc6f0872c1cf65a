import { describe, expect, it } from '@jest/globals';
import { profileEvents } from '@parley/contracts/profiles';
import { ALL_EVENTS } from '@parley/contracts/everything';
import type { Envelope, Event } from '@parley/contracts/events';
import fc from 'fast-check';
import { z } from 'zod';
import { newId } from './ids.js';
import { scrubbed } from './scrubbing.js';

const envelope = (type: string, data: Record<string, unknown>): Envelope => ({ id: newId(), account: newId(), sequence: null, type, version: 1, time: '2026-11-20T10:00:00.000Z', actor: { type: 'customer', id: null }, ticket: newId(), data });
const WORD = 'canary';

type Schema = { description?: string; type?: string | string[]; const?: unknown; enum?: unknown[]; format?: string; pattern?: string; anyOf?: Schema[]; oneOf?: Schema[]; allOf?: Schema[]; properties?: Record<string, Schema>; items?: Schema; additionalProperties?: Schema | boolean; propertyNames?: Schema; $ref?: string; minItems?: number; minimum?: number; exclusiveMinimum?: number };

/** Something that fits a shape, with the word in every text that may hold one. */
function sample(schema: Schema, root: Schema, pick: () => number): unknown {
  if (schema.$ref) return sample(schema.$ref.split('/').slice(1).reduce<Schema>((at, name) => (at as never)[name], root), root, pick);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return sample(choices[pick() % choices.length]!, root, pick);
  if (Array.isArray(schema.type)) return sample({ ...schema, type: schema.type[pick() % schema.type.length]! }, root, pick);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[pick() % schema.enum.length];
  if (schema.type === 'object') {
    const fields = Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, sample(inner, root, pick)]);
    const open = schema.propertyNames ? [] : [[WORD, { [WORD]: [WORD] }]];
    return Object.fromEntries([...fields, ...(schema.additionalProperties && !Object.keys(schema.properties ?? {}).length ? open : [])]);
  }
  if (schema.type === 'array') return Array.from({ length: 1 + (pick() % 2) }, () => sample(schema.items ?? {}, root, pick));
  if (schema.type === 'string') return text(schema);
  if (schema.type === 'boolean') return true;
  if (schema.type === 'null') return null;
  return schema.type ? Math.max(1, schema.minimum ?? 1) : WORD;
}
const FORMATS: Record<string, string> = { uuid: '01900000-0000-7000-8000-000000000000', 'date-time': '2026-11-20T10:00:00.000Z', date: '2026-11-20', email: `${WORD}@x.example`, uri: `https://${WORD}.example` };
const text = ({ description, format, pattern }: Schema) => description === 'IANA time zone' ? 'Europe/Berlin' : FORMATS[format ?? ''] ?? [WORD, 'en', 'Europe/Berlin', '+15005550100', 'DE', '#1a2b3c', 'a'.repeat(64)].find((one) => !pattern || new RegExp(pattern).test(one)) ?? WORD;

describe('a fact without its content', () => {
  it.each(ALL_EVENTS.map((event) => [event.type, event] as const))('PRO-6 %s keeps its shape and no word', (_type, event: Event) => {
    const schema = z.toJSONSchema(event.data, { io: 'output', unrepresentable: 'any' }) as Schema;
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(20)), (numbers) => {
        const data = sample(schema, schema, () => numbers.next().value as number) as Record<string, unknown>;
        const parsed = event.data.safeParse(data);
        expect(parsed.error?.issues ?? []).toEqual([]);
        const left = scrubbed(envelope(event.type, data), []);
        expect(JSON.stringify(left)).not.toContain(WORD);
        expect(() => event.data.parse(left.data)).not.toThrow();
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  it('PRO-6 keeps ids, instants, numbers, flags and the words of the contract', () => {
    const profile = { id: newId(), name: WORD, externalId: WORD, emails: [WORD], phones: [], identifiers: [{ type: 'email', value: WORD, verified: true }], locale: 'nl', timezone: 'Europe/Amsterdam', location: null, properties: { [WORD]: 1 }, consents: { email: 'granted' }, blocked: false, createdAt: '2026-11-20T10:00:00.000Z', version: 7 };
    expect(scrubbed(envelope(profileEvents.updated.type, profile), []).data).toMatchObject({ id: profile.id, name: 'erased', properties: {}, consents: { email: 'granted' }, identifiers: [{ type: 'email', verified: true }], createdAt: profile.createdAt, version: 7 });
  });

  it('PRO-6 takes an identifier for what it is, even where it looks like an id', () => {
    const externalId = newId();
    const left = scrubbed({ ...envelope('profile.created', { id: newId(), externalId }), actor: { type: 'customer', id: externalId } }, [externalId]);
    expect(JSON.stringify(left)).not.toContain(externalId);
  });

  it('of a type that nobody knows any more keeps nothing', () => {
    expect(scrubbed(envelope('thing.happened', { text: WORD, deep: { er: [WORD] } }), []).data).toEqual({});
  });
});
