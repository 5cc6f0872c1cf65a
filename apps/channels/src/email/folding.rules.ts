import { attributionAt, headAt, isForwardMark, isForwardSubject, isMobileSignature, isOriginalMark, isRule, linesOf } from './quoting.rules.js';

/** Longer texts are looked at so far only: nobody writes that much anew. Characters. */
const LOOK_AT = 65_536;
/** More lines than this below two dashes are no signature. */
const LONGEST_SIGNATURE = 20;

type Kind = 'own' | 'quote' | 'signature';
/** Lines from `from` to before `to`. */
type Piece = { kind: Kind; from: number; to: number };

/**
 * MAIL-5: what is new in the text of a mail: without quoted history and signature. Null where nothing can be folded away: no history, nothing but
 * history, answers between the quoted lines, a mail that was forwarded to be read. The text itself is kept whole.
 * @param above of a mail that is HTML alone: its words above the place where the mail program has marked the history
 */
export function newTextOf(text: string, subject: string | null, above: string | null = null): string | null {
  const shown = (above && isForwardSubject(subject) ? text : (above ?? text)).slice(0, LOOK_AT);
  const pieces = piecesOf(linesOf(shown), isForwardSubject(subject));
  const own = hasAnswersBetween(pieces) ? pieces.filter(({ kind }) => kind !== 'signature') : pieces.filter(({ kind }) => kind === 'own');
  const lines = shown.split(/\r?\n/);
  const kept = tidy(own.map(({ from, to }) => lines.slice(from, to).join('\n')).join('\n'));
  return /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(kept) && kept !== tidy(text) ? kept : null;
}

/** The text in pieces, one after the other; blank lines belong to what is above them. */
function piecesOf(lines: readonly string[], forwarded: boolean): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < lines.length; ) {
    const { kind, to } = pieceAt(lines, at, forwarded);
    const last = pieces.at(-1);
    if (last && (last.kind === kind || (lines[at] === '' && to === at + 1))) last.to = to;
    else pieces.push({ kind, from: at, to });
    at = to;
  }
  return pieces;
}

function pieceAt(lines: readonly string[], at: number, forwarded: boolean): Omit<Piece, 'from'> {
  const line = lines[at]!;
  // What somebody forwards is meant to be read; nothing below is a history of ours.
  if (isForwardMark(line)) return { kind: 'own', to: lines.length };
  if (isOriginalMark(line) || headAt(lines, at)) return { kind: forwarded ? 'own' : 'quote', to: lines.length };
  const introduced = attributionAt(lines, at, quoteBegins);
  if (introduced > 0) return { kind: 'quote', to: quoteBegins(lines, at + introduced) ? quoteEnd(lines, at + introduced) : lines.length };
  if (line.startsWith('>')) return { kind: 'quote', to: quoteEnd(lines, at) };
  if (isMobileSignature(line)) return { kind: 'signature', to: at + 1 };
  const signed = line === '-- ' ? signatureEnd(lines, at, lines.length) : line === '--' ? signatureEnd(lines, at, LONGEST_SIGNATURE) : null;
  if (signed !== null) return { kind: 'signature', to: signed };
  return { kind: 'own', to: at + 1 };
}

/** Quoted lines, at once or after a blank one. */
const quoteBegins = (lines: readonly string[], at: number) => (lines[at] === '' ? lines[at + 1] : lines[at])?.startsWith('>') ?? false;

/** Behind the quoted lines from here on, and the blank ones between them. */
function quoteEnd(lines: readonly string[], from: number): number {
  let end = from;
  for (let at = from; at < lines.length && (lines[at] === '' || lines[at]!.startsWith('>')); at++) if (lines[at] !== '') end = at + 1;
  return end;
}

/** A signature reaches to the history below it, or to the end. Null: it is longer than `most` lines, or divided like a table. */
function signatureEnd(lines: readonly string[], from: number, most: number): number | null {
  for (let at = from + 1; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.startsWith('>') || isOriginalMark(line) || isForwardMark(line) || headAt(lines, at) || attributionAt(lines, at, quoteBegins) > 0) return at;
    if (at - from > most || (line === '--' && most < lines.length)) return null;
  }
  return lines.length;
}

/** Twice or more something of one's own below something quoted: the quotation is part of what is said. */
const hasAnswersBetween = (pieces: readonly Piece[]) => pieces.filter(({ kind }, at) => kind === 'own' && pieces[at - 1]?.kind === 'quote').length >= 2;

/** Without blank lines and rules at the end, which only divided it from the history. */
function tidy(text: string): string {
  const lines = text.trim().split(/\r?\n/);
  while (lines.length > 0 && (lines.at(-1)!.trim() === '' || isRule(lines.at(-1)!.trim()))) lines.pop();
  return lines.join('\n').trim();
}
