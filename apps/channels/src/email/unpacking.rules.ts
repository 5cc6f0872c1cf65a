import { createHash } from 'node:crypto';
import { storable, type Mail, type ParsedPart } from './reading.rules.js';
import { type Tnef, tnefIn } from './tnef.rules.js';

/** A mail of Outlook's that packed all it brought into winmail.dat, as if it had not (MAIL-5). What cannot be unpacked stays as it is. */
export function unpacked(mail: Mail): Mail {
  const found = mail.attachments.map((part) => ({ part, inside: isTnef(part) ? tnefIn(Buffer.from(part.content ?? [])) : null }));
  if (found.every(({ inside }) => inside === null)) return mail;
  const said = <K extends 'text' | 'html'>(kind: K) => found.flatMap(({ inside }) => inside?.[kind] ?? [])[0];
  const hasWords = mail.text !== '' || mail.html !== null;
  return {
    ...mail,
    ...(!hasWords && { text: storable(said('text') ?? '').trim(), html: storable(said('html') ?? '').trim() || null }),
    attachments: found.flatMap(({ part, inside }) => (inside ? partsOf(inside) : [part])),
  };
}

const isTnef = ({ contentType, name }: ParsedPart) => /^application\/(vnd\.)?ms-tnef$/.test(contentType) || /^winmail\.dat$/i.test(name);

const partsOf = ({ files }: Tnef): ParsedPart[] =>
  files.map(({ name, contentType, contentId, content }) => ({
    name: name || 'attachment', contentType: contentType ?? 'application/octet-stream', sizeBytes: content.length, sha256: createHash('sha256').update(content).digest('hex'), inline: contentId !== null, body: null, content, contentId,
  }));
