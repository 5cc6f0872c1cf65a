import { createHash } from 'node:crypto';

/** A mail that a provider has taken apart. */
export type TakenApart = { headers: [name: string, value: string][]; text: string; html: string; files: { name: string; contentType: string; contentId: string; content: Buffer }[] };

/** Headers that speak of the body as it was. */
const OF_THE_BODY = /^(content-|mime-version)/i;

/** Puts it together again (RFC 5322, RFC 2045), so that one parser reads all mail. The same parts give the same bytes. */
export function mimeOf({ headers, text, html, files }: TakenApart): Buffer {
  const boundary = `=_${createHash('sha256').update(JSON.stringify([headers, text, html])).digest('hex').slice(0, 32)}`;
  const body = [part(boundary, `text/plain; charset=utf-8`, Buffer.from(text)), ...(html ? [part(boundary, `text/html; charset=utf-8`, Buffer.from(html))] : [])];
  const alternative = html ? [`--${boundary}`, `Content-Type: multipart/alternative; boundary="${boundary}a"`, '', ...body.map((one) => one.replace(`--${boundary}`, `--${boundary}a`)), `--${boundary}a--`] : body;
  const attached = files.map(({ name, contentType, contentId, content }) => part(boundary, safe(contentType), content, [
    `Content-Disposition: ${contentId ? 'inline' : 'attachment'}; filename*=utf-8''${encodeURIComponent(wellFormed(name))}`, ...(contentId ? [`Content-ID: <${safe(contentId)}>`] : []),
  ]));
  const head = headers.filter(([name]) => /^[\w-]{1,76}$/.test(name) && !OF_THE_BODY.test(name)).map(([name, value]) => `${name}: ${wellFormed(value).replace(/[\r\n\0]+\s*/g, ' ')}`);
  return Buffer.from([...head, 'MIME-Version: 1.0', `Content-Type: multipart/mixed; boundary="${boundary}"`, '', ...alternative, ...attached, `--${boundary}--`, ''].join('\r\n'));
}

const part = (boundary: string, contentType: string, content: Buffer, more: string[] = []) =>
  [`--${boundary}`, `Content-Type: ${contentType}`, ...more, 'Content-Transfer-Encoding: base64', '', content.toString('base64').replace(/.{76}/g, '$&\r\n')].join('\r\n');

const safe = (value: string) => value.replace(/[\r\n\0<>"]/g, '').slice(0, 500) || 'application/octet-stream';
const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd');
