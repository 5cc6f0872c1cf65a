/** A field of a form, in the bytes that were sent. Of a file also its name and type. */
export type Field = { name: string; bytes: Buffer; file: { name: string; contentType: string } | null };

const MOST_FIELDS = 200;

/** The fields of a form as browsers send it: urlencoded or multipart/form-data (RFC 7578). Whatever is neither has none; nothing throws. */
export function fieldsOf(contentType: string | undefined, body: Buffer): Field[] {
  const boundary = /^multipart\/form-data\b.*?\bboundary="?([^";\s]{1,200})/i.exec(contentType ?? '')?.[1];
  if (boundary) return partsOf(body, boundary).flatMap((part) => fieldOf(part) ?? []);
  if (!/^application\/x-www-form-urlencoded\b/i.test(contentType ?? '')) return [];
  return [...new URLSearchParams(body.toString('utf8'))].slice(0, MOST_FIELDS).map(([name, value]) => ({ name, bytes: Buffer.from(value), file: null }));
}

/** The text of the first field of this name; empty where there is none. */
export const textOf = (fields: readonly Field[], name: string): string => fields.find((field) => field.name === name)?.bytes.toString('utf8') ?? '';

function partsOf(body: Buffer, boundary: string): Buffer[] {
  const parts: Buffer[] = [];
  const line = Buffer.from(`\r\n--${boundary}`);
  const whole = Buffer.concat([Buffer.from('\r\n'), body]);
  for (let at = whole.indexOf(line); at >= 0 && parts.length < MOST_FIELDS; ) {
    const begins = at + line.length;
    const ends = whole.indexOf(line, begins);
    if (ends < 0 || whole.subarray(begins, begins + 2).toString('latin1') === '--') break;
    parts.push(whole.subarray(begins + 2, ends));
    at = ends;
  }
  return parts;
}

function fieldOf(part: Buffer): Field | null {
  const divide = part.indexOf('\r\n\r\n');
  if (divide < 0 || divide > 8192) return null;
  const head = part.subarray(0, divide).toString('utf8');
  const disposition = /^content-disposition:\s*form-data\b(.*)$/im.exec(head)?.[1] ?? '';
  const name = /;\s*name="([^"]{0,200})"/i.exec(disposition)?.[1];
  if (name === undefined) return null;
  const fileName = /;\s*filename="([^"]{0,500})"/i.exec(disposition)?.[1];
  const contentType = /^content-type:\s*([^\s;]{1,200})/im.exec(head)?.[1] ?? 'application/octet-stream';
  return { name, bytes: part.subarray(divide + 4), file: fileName === undefined ? null : { name: fileName, contentType } };
}
