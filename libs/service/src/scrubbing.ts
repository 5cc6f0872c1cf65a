import type { Envelope } from '@parley/contracts/events';
import { EVENT_BY_TYPE } from '@parley/contracts/everything';
import { z } from 'zod';

type Schema = { [name: string]: unknown; description?: string; type?: string | string[]; $ref?: string; properties?: Record<string, Schema>; items?: Schema; additionalProperties?: unknown; enum?: unknown[]; const?: unknown; format?: string; pattern?: string; anyOf?: Schema[]; oneOf?: Schema[]; allOf?: Schema[]; propertyNames?: Schema };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** What stands in place of text; the first that fits the shape. */
const BLANKS = ['erased', 'erased@erased.invalid', 'https://erased.invalid', 'und', '+10000000', 'XX', '#000000', '0'.repeat(64)];

/**
 * A fact without what it said of somebody: ids, instants, numbers, flags and the words of the contract stay, every other text goes, and so does whatever the
 * contract leaves open. It still fits its contract, so whoever has not heard it yet hears it. `names`: identifiers, which go even where they look like ids.
 */
export function scrubbed(envelope: Envelope, names: readonly string[]): Envelope {
  const contract = EVENT_BY_TYPE.get(envelope.type);
  const schema = contract ? schemaOf(envelope.type, contract.data) : {};
  const walk = new Walk(schema, new Set(names));
  return { ...envelope, actor: { ...envelope.actor, id: walk.id(envelope.actor.id) }, data: walk.over(envelope.data, [schema]) as Envelope['data'] };
}

const schemas = new Map<string, Schema>();
function schemaOf(type: string, data: z.ZodType): Schema {
  const known = schemas.get(type) ?? (z.toJSONSchema(data, { io: 'output', unrepresentable: 'any' }) as Schema);
  schemas.set(type, known);
  return known;
}

class Walk {
  constructor(private readonly root: Schema, private readonly names: ReadonlySet<string>) {}

  id(value: string | null) {
    return value !== null && (this.names.has(value) || !UUID.test(value)) ? null : value;
  }

  over(value: unknown, schemas: Schema[]): unknown {
    const all = schemas.flatMap((schema) => this.branches(schema));
    if (typeof value === 'string') return this.text(value, all);
    if (Array.isArray(value)) return value.map((item) => this.over(item, all.flatMap(({ items }): Schema[] => (items ? [items] : []))));
    if (value === null || typeof value !== 'object') return all.length ? value : null;
    return Object.fromEntries(Object.entries(value).flatMap(([name, inner]) => {
      const own = all.flatMap(({ properties }): Schema[] => (properties?.[name] ? [properties[name]] : []));
      const named = all.filter(({ propertyNames }) => propertyNames && this.branches(propertyNames).some((one) => one.enum?.includes(name))).flatMap(({ additionalProperties }): Schema[] => (additionalProperties ? [additionalProperties as Schema] : []));
      return own.length || named.length ? [[name, this.over(inner, [...own, ...named])]] : [];
    }));
  }

  private text(value: string, all: Schema[]): string {
    const isWord = all.some((schema) => schema.const === value || schema.enum?.includes(value));
    const isInstant = all.some(({ format }) => format === 'date-time' || format === 'date');
    if (isWord || isInstant || (UUID.test(value) && !this.names.has(value))) return value;
    if (all.some(({ description }) => description === 'IANA time zone')) return 'UTC';
    const fits = (blank: string) => all.some(({ type, format, pattern }) => [type].flat().includes('string') && (format !== 'uri' || blank.startsWith('https:')) && (pattern === undefined || new RegExp(pattern).test(blank)));
    return BLANKS.find(fits) ?? 'erased';
  }

  private branches(schema: Schema): Schema[] {
    const target = schema.$ref ? this.referred(schema.$ref) : schema;
    const inner = [...(target.anyOf ?? []), ...(target.oneOf ?? []), ...(target.allOf ?? [])];
    return inner.length ? [target, ...inner.flatMap((one) => this.branches(one))] : [target];
  }

  private referred(ref: string): Schema {
    return ref.split('/').slice(1).reduce<Schema>((at, name) => at[name] as Schema, this.root);
  }
}
