// The body of a worker thread, plain JavaScript because a thread starts without a compiler. It parses one mail at a time and judges nothing:
// what hangs or eats memory here is ended from outside (security.md 13). Answers a ParsedMail of reading.rules.ts, or the reason why not.
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import mailparser from 'mailparser';

const REPORTS = /^(message\/(delivery-status|disposition-notification|rfc822|global.*)|text\/rfc822-headers)$/;
const UTF8 = /^(us-?)?ascii$|^ansi_x3\.4|^utf-?8$/i;

/** For text without a charset, or with one that lies or is unknown: strict UTF-8, else windows-1252 (channels.md 4.6). */
class Guess extends Transform {
  chunks = [];

  constructor(windows1252) {
    super();
    this.windows1252 = windows1252;
  }

  _transform(chunk, _encoding, done) {
    this.chunks.push(chunk);
    done();
  }

  _flush(done) {
    const bytes = Buffer.concat(this.chunks);
    if (isUtf8(bytes)) return done(null, bytes);
    this.windows1252.on('data', (text) => this.push(text)).on('end', done).on('error', done);
    this.windows1252.end(bytes);
  }
}

/** Marks of mail programs for where the history or the signature begins. */
const TAIL =
  /<(?:div|span|blockquote|table|hr|a|p)\b[^<>]{0,200}?(?:\bclass\s*=\s*["'][^"'<>]{0,100}?(?:gmail_quote|gmail_extra|gmail_signature|moz-cite-prefix|moz-signature|yahoo_quoted|protonmail_(?:quote|signature))|\bid\s*=\s*["']?(?:x_)?(?:divRplyFwdMsg|appendonsend|mail-editor-reference-message-container|Signature\b|ms-outlook-mobile-signature)|\btype\s*=\s*["']?cite)/i;

/** The HTML above the history; null: none is marked, or somebody has answered below or between. */
function aboveTheHistory(html) {
  const at = html.slice(0, 262_144).search(TAIL);
  if (at < 0) return null;
  const below = html.slice(html.toLowerCase().lastIndexOf('</blockquote>') + 1 || html.length);
  return /[\p{L}\p{N}]{2}/u.test(below.replace(/<[^<>]*>|<[^<>]*$|&\w+;|^\/blockquote>/g, ' ')) ? null : html.slice(0, at);
}

class Reader extends mailparser.MailParser {
  parts = 0;

  createNode(data) {
    const node = super.createNode(data);
    let depth = 0;
    for (let up = node.parent; up; up = up.parent) depth++;
    if (++this.parts > workerData.maxParts) this.emit('error', new Error(`more than ${workerData.maxParts} parts`));
    if (depth > workerData.maxDepth) this.emit('error', new Error(`parts nested deeper than ${workerData.maxDepth}`));
    if (!node.charset || UTF8.test(node.charset)) node.charset = 'x-guess';
    return node;
  }

  getDecoder() {
    const known = super.getDecoder();
    return {
      decodeStream(charset) {
        if (charset === 'x-guess') return new Guess(known.decodeStream('windows-1252'));
        try {
          return known.decodeStream(charset);
        } catch {
          return new Guess(known.decodeStream('windows-1252'));
        }
      },
    };
  }
}

function read(raw) {
  return new Promise((resolve, reject) => {
    const parser = new Reader({
      checksumAlgo: 'sha256', keepCidLinks: true, keepDeliveryStatus: true, skipTextToHtml: true, skipImageLinks: true,
      maxHeadSize: workerData.maxHeaderBytes, maxChildNodes: workerData.maxParts + 1, maxHtmlLengthToParse: workerData.maxHtmlBytes,
    });
    const mail = { text: '', html: '', attachments: [] };
    parser.on('headers', (headers) => (mail.headers = headers));
    parser.on('data', (data) => {
      if (data.type === 'text') return Object.assign(mail, { text: data.text ?? '', html: data.html ?? '' });
      const hash = createHash('sha256');
      const isReport = REPORTS.test(data.contentType);
      const keep = isReport ? [] : null;
      const whole = isReport ? null : [];
      let sizeBytes = 0;
      data.content.on('data', (chunk) => {
        hash.update(chunk);
        sizeBytes += chunk.length;
        whole?.push(chunk);
        if (keep && sizeBytes < 65_536) keep.push(chunk);
      });
      data.content.on('end', () => {
        mail.attachments.push({
          name: data.filename ?? '', contentType: (data.contentType ?? 'application/octet-stream').toLowerCase(), sizeBytes, sha256: hash.digest('hex'),
          inline: data.contentDisposition === 'inline' || data.related === true, body: keep && Buffer.concat(keep).toString('utf8'),
          content: whole && Buffer.concat(whole), contentId: data.cid || null,
        });
        data.release();
      });
      data.content.on('error', reject);
    });
    parser.on('error', reject);
    parser.on('end', () => resolve(Object.assign(mail, { headerLines: parser.headerLines, isHtmlAlone: parser.hasHtml && !parser.hasText })));
    parser.end(raw);
  });
}

const value = (line) => line.slice(line.indexOf(':') + 1).replace(/\r?\n(?=[ \t])/g, '').trim();
const addresses = (header) => [header ?? []].flat().flatMap((each) => each.value ?? []);

const words = async (html) => (await read(Buffer.from(`Content-Type: text/html; charset=utf-8\r\n\r\n${html}`))).text;

async function parse(raw) {
  const mail = await read(raw);
  // Only the root may be HTML for the parser to make text of it; a page inside multipart/related becomes a mail of its own.
  if (!mail.text && mail.html) mail.text = await words(mail.html);
  const above = mail.isHtmlAlone ? aboveTheHistory(mail.html) : null;
  const { headers } = mail;
  return {
    headers: (mail.headerLines ?? []).map(({ key, line }) => ({ key, value: value(line) })),
    from: addresses(headers?.get('from')), sender: addresses(headers?.get('sender')), to: addresses(headers?.get('to')), cc: addresses(headers?.get('cc')),
    subject: headers?.get('subject') ?? '', text: mail.text, html: mail.html, above: above && (await words(above)), attachments: mail.attachments,
  };
}

parentPort.on('message', async ({ raw }) => {
  parentPort.postMessage({ begun: true });
  try {
    parentPort.postMessage({ mail: await parse(Buffer.from(raw)) });
  } catch (error) {
    parentPort.postMessage({ failed: String(error?.message ?? error).slice(0, 300) });
  }
});
