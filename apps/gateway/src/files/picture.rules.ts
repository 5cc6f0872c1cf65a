/**
 * A picture without what the camera or a program noted in it: place, time, device, comments. How it is to be turned, its colours and its pixels stay as they
 * are; whatever is hung on behind its end is cut off. Null for what is no whole picture of its type. Other types are given back untouched.
 */
export function withoutNotes(bytes: Buffer, contentType: string): Buffer | null {
  try {
    const clean = STRIPPERS[contentType];
    return clean ? clean(bytes) : bytes;
  } catch (error) {
    // Reading beyond the end: a picture that was cut off.
    if ((error as Error).name === 'RangeError') return null;
    throw error;
  }
}

const STRIPPERS: Record<string, (bytes: Buffer) => Buffer | null> = { 'image/jpeg': jpeg, 'image/png': png, 'image/webp': webp };

/** ITU-T T.81, annex B. */
function jpeg(bytes: Buffer): Buffer | null {
  if (bytes.readUInt16BE(0) !== 0xffd8) return null;
  const kept: Buffer[] = [bytes.subarray(0, 2)];
  let turned: Buffer | null = null;
  for (let at = 2; ; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xff) { at += 1; continue; }
    if (marker === 0xda) return Buffer.concat([kept[0]!, ...(turned ? [turned] : []), ...kept.slice(1), scans(bytes, at)]);
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (end > bytes.length || end < at + 4) return null;
    const segment = bytes.subarray(at, end);
    if (marker === 0xe1) turned ??= orientation(segment);
    else if (isPartOfThePicture(marker, segment)) kept.push(segment);
    at = end;
  }
}

/** From the first scan to the end of the picture: in coded data no such marker can stand. */
function scans(bytes: Buffer, from: number): Buffer {
  const end = bytes.indexOf(Buffer.from([0xff, 0xd9]), from);
  if (end < 0) throw new RangeError('no end of the picture');
  return bytes.subarray(from, end + 2);
}

/** Everything but application data and comments; of application data what decoders need: density, colour profile, colour transform. */
const isPartOfThePicture = (marker: number, segment: Buffer) =>
  marker === 0xe0 || marker === 0xee || (marker === 0xe2 && segment.subarray(4, 15).toString('latin1') === 'ICC_PROFILE') || ((marker < 0xe0 || marker > 0xef) && marker !== 0xfe);

/** A segment that says how the picture is turned and nothing else; null where it stands as it is, or that cannot be read. */
function orientation(segment: Buffer): Buffer | null {
  if (segment.subarray(4, 10).toString('latin1') !== 'Exif\0\0') return null;
  try {
    const value = turning(segment.subarray(10));
    return value > 1 && value <= 8 ? turnedBy(value) : null;
  } catch {
    return null;
  }
}

/** EXIF is a TIFF directory; tag 0x0112 says how to turn the picture, 1 is not at all. */
function turning(tiff: Buffer): number {
  const little = tiff.readUInt16BE(0) === 0x4949;
  const short = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  for (let n = 0; n < short(directory); n++) {
    const entry = directory + 2 + n * 12;
    if (short(entry) === 0x0112) return short(entry + 8);
  }
  return 1;
}

function turnedBy(value: number): Buffer {
  const segment = Buffer.from('ffe1002245786966000049492a0008000000010012010300010000000000000000000000', 'hex');
  segment.writeUInt16LE(value, 28);
  return segment;
}

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
const PNG_NOTES = ['eXIf', 'tEXt', 'zTXt', 'iTXt', 'tIME'];
/** PNG specification, chunks. */
function png(bytes: Buffer): Buffer | null {
  if (!bytes.subarray(0, 8).equals(PNG)) return null;
  const kept: Buffer[] = [PNG];
  for (let at = 8; ; ) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) return null;
    if (!PNG_NOTES.includes(type)) kept.push(bytes.subarray(at, end));
    if (type === 'IEND') return Buffer.concat(kept);
    at = end;
  }
}

/** RFC 9649. */
function webp(bytes: Buffer): Buffer | null {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP') return null;
  const whole = 8 + bytes.readUInt32LE(4);
  if (whole > bytes.length) return null;
  const kept: Buffer[] = [];
  for (let at = 12; at + 8 <= whole; ) {
    const type = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const end = Math.min(at + 8 + size + (size % 2), whole);
    const chunk = Buffer.from(bytes.subarray(at, end));
    // The header no longer says that there are EXIF and XMP.
    if (type === 'VP8X') chunk.writeUInt8(chunk.readUInt8(8) & ~0x0c, 8);
    if (type !== 'EXIF' && type !== 'XMP ') kept.push(chunk);
    at = end;
  }
  const body = Buffer.concat(kept);
  const head = Buffer.alloc(12);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(body.length + 4, 4);
  head.write('WEBP', 8, 'latin1');
  return Buffer.concat([head, body]);
}
