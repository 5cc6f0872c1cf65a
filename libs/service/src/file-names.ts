import { fileTypeFromBuffer } from 'file-type';
import { isUtf8 } from 'node:buffer';

const LONGEST = 150;
/** Invisible or direction-changing signs, by which a name shows another ending than it has. */
const INVISIBLE = /\p{Cc}|\p{Cf}|\p{Cs}|\p{Co}|\p{Zl}|\p{Zp}/gu;

/**
 * A file’s name as it may be shown and saved anywhere: no folders, nothing invisible, none of the signs that file systems refuse, up to 150 characters
 * with its ending kept. Every name becomes one; a name of nothing becomes `file`.
 */
export function cleanName(given: string): string {
  const last = given.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const name = last.replace(INVISIBLE, '').replace(/[<>:"|?*]/g, '_').replace(/\s+/g, ' ').replace(/^[. ]+|[. ]+$/g, '');
  const letters = Array.from(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name) ? `_${name}` : name);
  if (letters.length <= LONGEST) return letters.join('') || 'file';
  const ending = /\.[A-Za-z0-9]{1,12}$/.exec(letters.join(''))?.[0] ?? '';
  return letters.slice(0, LONGEST - ending.length).join('') + ending;
}

/** A Content-Disposition header (RFC 6266): the name whole for today’s clients, in ASCII for the others. */
export function disposition(kind: 'attachment' | 'inline', name: string): string {
  const clean = cleanName(name);
  const ascii = clean.replace(/[^\x20-\x7e]/g, '_').replace(/["\\%;]/g, '_');
  const encoded = encodeURIComponent(clean).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** Types without a mark of their own, which are believed where the content is text. */
const TEXTS = new Set(['text/plain', 'text/csv', 'text/calendar', 'text/vcard', 'application/json', 'message/rfc822']);

/** What a file is, by its content; what somebody says it is counts only among harmless texts (META-4, security.md 5). */
export async function typeOf(head: Buffer, declared = ''): Promise<string> {
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  if (found) return found.mime;
  const said = declared.split(';')[0]!.trim().toLowerCase();
  return TEXTS.has(said) && isText(head) ? said : 'application/octet-stream';
}

/** The last character may have been cut off. */
const isText = (head: Buffer) => !head.includes(0) && [0, 1, 2, 3].some((cut) => isUtf8(head.subarray(0, head.length - cut)));
