import { z } from 'zod';

/** As much of JSON Schema as our shapes use. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  description?: string;
  default?: unknown;
  $defs?: Record<string, Schema>;
}

/** Collects named shapes on the way, so that each is described once. */
export type Names = Map<string, Schema>;

/** The schema of a value as it comes out, its named parts collected in `names`. */
export function schemaOf(type: z.ZodType, names: Names): Schema {
  const { $defs = {}, ...schema } = z.toJSONSchema(type, { io: 'output' }) as Schema;
  for (const [name, shape] of Object.entries($defs)) names.set(name, shape);
  return schema;
}

/** Follows a reference to the shape it names. */
export const resolve = (schema: Schema, names: Names): Schema => (schema.$ref ? (names.get(nameOf(schema.$ref)) ?? schema) : schema);

/** A table of fields; those that may be missing are marked with a question mark. */
export function fieldsTable({ properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(([name, field]) => `| \`${name}${required.includes(name) ? '' : '?'}\` | ${typeText(field)} | ${descriptionOf(field)} |`);
  return ['| field | type | |', '|---|---|---|', ...rows].join('\n');
}

/** A type in words: `uuid or null`, `list of Message`, with links to named shapes. */
export function typeText(schema: Schema): string {
  if (schema.$ref) return `[${nameOf(schema.$ref)}](#${nameOf(schema.$ref).toLowerCase()})`;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map(typeText))].join(' or ');
  if (schema.enum) return schema.enum.map((choice) => `\`${String(choice)}\``).join(' ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  return [schema.type ?? 'anything'].flat().map((type) => plainText(type, schema)).join(' or ');
}

function plainText(type: string, schema: Schema): string {
  if (type === 'array') return `list of ${typeText(schema.items ?? {})}`;
  if (type === 'object') return schema.properties ? `{ ${Object.entries(schema.properties).map(([name, field]) => `\`${name}\`: ${typeText(field)}`).join(', ')} }` : mapText(schema);
  return (type === 'string' && FORMATS[schema.format ?? '']) || type;
}

const FORMATS: Record<string, string> = { uuid: 'uuid', 'date-time': 'instant', email: 'e-mail address', uri: 'URL', date: 'date' };

const mapText = ({ additionalProperties }: Schema) => (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0 ? `map of ${typeText(additionalProperties)}` : 'object');

/** What every uuid and instant says of itself would be noise. */
const descriptionOf = (schema: Schema): string => {
  const own = schema.description ?? schema.anyOf?.find(({ description }) => description)?.description ?? '';
  return ['UUIDv7', 'RFC 3339, answered in UTC with milliseconds'].includes(own) ? '' : cell(own);
};

const nameOf = (ref: string) => ref.split('/').at(-1) ?? ref;

/** Text that stays inside one cell of a table. */
export const cell = (text: string) => text.replace(/\|/g, '\\|').replace(/\s*\n\s*/g, ' ').replace(/</g, '&lt;');
