// Outlook's winmail.dat: what it holds beside the mail ([MS-OXTNEF], [MS-OXCDATA]). Total and bounded: nonsense ends the reading, and what was found until there counts.

export type TnefFile = { name: string; contentType: string | null; contentId: string | null; content: Buffer };
export type Tnef = { text: string | null; html: string | null; files: TnefFile[] };

const SIGNATURE = 0x223e9f78;
const MOST_FILES = 100;
const MOST_PROPERTIES = 2000;
/** Attributes of the stream. */
const [RENDDATA, TITLE, DATA, ATTACHMENT, BODY, MESSAGE, CODEPAGE] = [0x00069002, 0x00018010, 0x0006800f, 0x00069005, 0x0002800c, 0x00069003, 0x00069007];
/** MAPI properties by their number. */
const [LONG_NAME, MIME_TYPE, CONTENT_ID, PLAIN, HTML] = [0x3707, 0x370e, 0x3712, 0x1000, 0x1013];
/** Bytes of a value by its type, with padding; whatever is not here bears its length. */
const FIXED: Record<number, number> = { 0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0a: 4, 0x0b: 4, 0x14: 8, 0x40: 8, 0x48: 16 };
const WITH_LENGTH = [0x0d, 0x1e, 0x1f, 0x102];

type Property = { type: number; value: Buffer };

/** Null: it is no such file, or nothing in it can be used. */
export function tnefIn(bytes: Buffer): Tnef | null {
  if (bytes.length < 6 || bytes.readUInt32LE(0) !== SIGNATURE) return null;
  const found: Tnef = { text: null, html: null, files: [] };
  let charset = 'windows-1252';
  for (const { id, value } of attributesOf(bytes)) {
    const file = found.files.at(-1);
    if (id === CODEPAGE && value.length >= 4) charset = charsetOf(value.readUInt32LE(0));
    else if (id === RENDDATA && found.files.length < MOST_FILES) found.files.push({ name: '', contentType: null, contentId: null, content: Buffer.alloc(0) });
    else if (id === TITLE && file) file.name ||= worded(value, charset);
    else if (id === DATA && file) file.content = value;
    else if (id === ATTACHMENT && file) describe(file, propertiesOf(value), charset);
    else if (id === BODY) found.text ??= worded(value, charset);
    else if (id === MESSAGE) speak(found, propertiesOf(value), charset);
  }
  found.files = found.files.filter(({ content }) => content.length > 0);
  return found.files.length > 0 || found.text || found.html ? found : null;
}

/** One after the other: level, id, length, value, checksum. */
function* attributesOf(bytes: Buffer): Generator<{ id: number; value: Buffer }> {
  for (let at = 6; at + 9 <= bytes.length; ) {
    const [id, length] = [bytes.readUInt32LE(at + 1), bytes.readUInt32LE(at + 5)];
    if (at + 9 + length + 2 > bytes.length) return;
    yield { id, value: bytes.subarray(at + 9, at + 9 + length) };
    at += 9 + length + 2;
  }
}

/** By number; of several values the first. Where the lengths no longer fit the rest is left alone. */
function propertiesOf(bytes: Buffer): Map<number, Property> {
  const found = new Map<number, Property>();
  let at = 4;
  const has = (length: number) => length >= 0 && at + length <= bytes.length;
  const count = bytes.length >= 4 ? Math.min(bytes.readUInt32LE(0), MOST_PROPERTIES) : 0;
  for (let n = 0; n < count && has(4); n++) {
    const [type, number] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)];
    at += 4;
    if (number >= 0x8000) {
      if (!has(24)) return found;
      const isText = bytes.readUInt32LE(at + 16) === 1;
      at += 24 + (isText ? padded(bytes.readUInt32LE(at + 20)) : 0);
    }
    const [plain, several] = [type & ~0x1000, (type & 0x1000) !== 0];
    const hasLength = WITH_LENGTH.includes(plain);
    let values = 1;
    if (several || hasLength) {
      if (!has(4)) return found;
      values = bytes.readUInt32LE(at);
      at += 4;
    }
    for (let value = 0; value < values; value++) {
      const length = hasLength ? (has(4) ? bytes.readUInt32LE(at) : -1) : (FIXED[plain] ?? -1);
      at += hasLength ? 4 : 0;
      if (!has(length)) return found;
      if (value === 0) found.set(number, { type: plain, value: bytes.subarray(at, at + length) });
      at += padded(length);
    }
  }
  return found;
}

function describe(file: TnefFile, properties: Map<number, Property>, charset: string) {
  const said = (number: number) => wordedProperty(properties.get(number), charset);
  file.name = said(LONG_NAME) || file.name;
  file.contentType = /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/.exec(said(MIME_TYPE))?.[0]?.toLowerCase() ?? null;
  file.contentId = said(CONTENT_ID).replace(/[<>\s]/g, '') || null;
}

function speak(found: Tnef, properties: Map<number, Property>, charset: string) {
  found.text ??= wordedProperty(properties.get(PLAIN), charset) || null;
  found.html ??= wordedProperty(properties.get(HTML), charset) || null;
}

const wordedProperty = (property: Property | undefined, charset: string): string => (property ? worded(property.value, property.type === 0x1f ? 'utf-16le' : charset) : '');
const worded = (value: Buffer, charset: string): string => new TextDecoder(charset).decode(value).replace(/\0[^]*$/, '');
const padded = (length: number) => length + ((4 - (length % 4)) % 4);

function charsetOf(codepage: number): string {
  const name = codepage === 65001 ? 'utf-8' : { 932: 'shift_jis', 936: 'gbk', 949: 'euc-kr', 950: 'big5' }[codepage] ?? `windows-${codepage}`;
  try {
    return new TextDecoder(name).encoding;
  } catch {
    return 'windows-1252';
  }
}
