// How mail programs mark what is not new, in the languages that people write to us in. Every look is at a bounded piece of text, so that no mail takes more
// time than its length is worth.

/** `Name:` at the beginning of a line, by what it names; several languages have the same words, and a block of them is told by its kinds. */
const LABELS: Record<'from' | 'sent' | 'to' | 'copy' | 'subject', string> = {
  from: 'From|Von|De|Van|Från|Da|Fra|Od|Lähettäjä',
  sent: 'Sent|Date|Gesendet|Datum|Envoyé|Envoyé le|Verzonden|Skickat|Enviado|Enviada|Enviado em|Enviada em|Enviado el|Data|Fecha|Inviato|Sendt|Dato|Wysłano|Lähetetty',
  to: 'To|An|À|A|Pour|Aan|Till|Para|Til|Do|Vastaanottaja',
  copy: 'Cc|Kopie|Kopia|Copie à|Copia|Reply-To|Antwort an|Répondre à|Antwoord aan|Svar till|Responder a',
  subject: 'Subject|Betreff|Objet|Sujet|Onderwerp|Ämne|Assunto|Asunto|Oggetto|Emne|Temat|Aihe',
};
export type Label = keyof typeof LABELS;
const LABELLED = Object.entries(LABELS).map(([kind, words]) => [kind as Label, new RegExp(`^[*_]{0,2}(?:${words})[*_]{0,2}[ \\u00a0]?:[*_]{0,2}(?:[ \\t\\u00a0]|$)`, 'i')] as const);

/** How a quotation begins: the first line, and how the last of up to four lines ends. */
const ATTRIBUTION_BEGINS = /^(?:On|Am|Le|Op|Den|Em|No dia|El|Il|Il giorno|W dniu|Dnia|\p{L}{2,4}[., ]{1,2}\d|\d|[^<>]{1,80}<[^<>\s]{3,120}>)/iu;
const ATTRIBUTION_ENDS =
  /(?:^|[\s,>)])(?:wrote|schrieb|a écrit|schreef|het volgende geschreven|skrev|escreveu|escribió|ha scritto|napisał(?:\(a\)|a)?)(?:[\s\u00a0,(<"'][^\n]{0,200})?[ \u00a0]?:$/iu;
const GMAIL_BARE = /^\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[^<]{0,80}<[^<>\s]{3,120}>:$/;
const TIME_OR_ADDRESS = /\d{1,2}\s?[:.h]\s?\d\d|[^\s<>]@[^\s<>]/;
const LONGEST_ATTRIBUTION = 600;
/** Its end is looked for in so many characters. */
const ATTRIBUTION_END = 230;

const ORIGINAL = words(
  'Original Message|Original Appointment|Originalnachricht|Ursprüngliche Nachricht|Message d[\'’]origine|Message original|Oorspronkelijk bericht|Originalmeddelande|Ursprungligt meddelande|Mensagem original|Mensaje original|Messaggio originale|Oprindelig meddelelse|Wiadomość oryginalna',
);
const FORWARDED = words(
  'Forwarded message|Weitergeleitete Nachricht|Message transféré|Message réexpédié|Doorgestuurd bericht|Vidarebefordrat meddelande|Vidarebefordrat mejl|Mensagem encaminhada|Mensagem reencaminhada|Mensaje reenviado|Messaggio inoltrato|Videresendt meddelelse',
);
const FORWARDED_BY_APPLE =
  /^(?:Begin forwarded message|Anfang der weitergeleiteten (?:Nachricht|E-?Mail)|Début du message (?:réexpédié|transféré)|Begin doorgestuurd bericht|Vidarebefordrat (?:brev|mejl)|Början på vidarebefordrat (?:brev|meddelande)|Início da mensagem (?:encaminhada|reencaminhada)|Inicio del mensaje reenviado|Inizio messaggio inoltrato)[ \u00a0]?:$/i;
const FORWARDED_SUBJECT = /^(?:\s*(?:re|aw|sv|antw|tr|fwd?|wg|vb|vs|doorst|enc|rv|i)\s*(?:\[\d+\])?:)*?\s*(?:fwd?|wg|tr|doorst|vb|enc|rv|i)\s*:/i;

const MOBILE = new RegExp(
  `^(?:${[
    'Sent from my|Sent from (?:Outlook|Mail|Yahoo|Samsung|Proton)|Get Outlook for', 'Von meinem .{1,40} gesendet|Gesendet (?:von|mit)(?: meinem| der)?|(?:Holen Sie sich )?Outlook für (?:iOS|Android)',
    'Envoyé (?:de|depuis) mon|Envoyé (?:à partir )?(?:d[\'’]Outlook|de Yahoo)|(?:Obtenir|Obtenez|Télécharger) Outlook pour', 'Verstuurd vanaf mijn|Verzonden (?:vanaf|met|via) (?:mijn|Outlook)|(?:Download )?Outlook voor (?:iOS|Android)',
    'Skickat från min|Skickat från (?:Outlook|Yahoo)|(?:Hämta|Skaffa) Outlook för', 'Enviado (?:do|a partir do) meu|Enviado (?:do|pelo) (?:Outlook|Yahoo)|(?:Obter|Obtenha) o? ?Outlook para',
    'Enviado desde mi|Enviado desde (?:Outlook|Yahoo)|Obtener Outlook para', 'Inviato da(?:l mio)?', 'Sendt fra min',
  ].join('|')})\\b.{0,120}$`,
  'iu',
);

/** What this line is labelled as, such as `Von: …`; null: nothing. */
export const labelOf = (line: string): Label | null => LABELLED.find(([, is]) => is.test(line))?.[0] ?? null;

/** How many lines from here introduce a quotation, such as `Am … schrieb …:`; 0: none do. `loosely`: words without a time or an address are enough, as quoted lines follow. */
export function attributionAt(lines: readonly string[], at: number, loosely: (lines: readonly string[], after: number) => boolean): number {
  if (!ATTRIBUTION_BEGINS.test(lines[at]!)) return 0;
  let whole = '';
  for (let n = 1; n <= 4 && at + n <= lines.length; n++) {
    const line = lines[at + n - 1]!;
    if (line === '' || line.startsWith('>')) return 0;
    whole += ` ${line}`;
    if (whole.length > LONGEST_ATTRIBUTION) return 0;
    const said = whole.slice(1);
    if (GMAIL_BARE.test(said)) return n;
    if (ATTRIBUTION_ENDS.test(said.slice(-ATTRIBUTION_END)) && (TIME_OR_ADDRESS.test(said) || (/\d/.test(said) && loosely(lines, at + n)))) return n;
  }
  return 0;
}

/**
 * The labelled lines of a mail's head inside a text: from here to `end`; null: there are none. The sender comes first, two others follow at once. Below a
 * mark of a forwarded mail the order may be any.
 */
export function headAt(lines: readonly string[], at: number, order: 'sender first' | 'any' = 'sender first'): { end: number; values: Partial<Record<Label, string>> } | null {
  const first = labelOf(lines[at] ?? '');
  if (first === null || (first !== 'from' && order !== 'any')) return null;
  const values: Partial<Record<Label, string>> = {};
  let end = at;
  for (let i = at, last: Label | null = null; i < Math.min(at + 16, lines.length); i++) {
    const line = lines[i]!;
    const label = labelOf(line);
    // A blank line ends the head, unless the text was made of HTML with a paragraph for each.
    if (line === '' && values.subject !== undefined) break;
    if (line === '') continue;
    if (label && values[label] === undefined) values[(last = label)] = line.slice(line.indexOf(':') + 1).replace(/^[*_ \t\u00a0]+/, '').slice(0, 1000);
    else if (!label && last && last !== 'subject' && i === end && line.length < 400) values[last] += ` ${line}`;
    else break;
    end = i + 1;
  }
  return Object.keys(values).length >= 3 && values.from !== undefined && (values.sent !== undefined || values.subject !== undefined) ? { end, values } : null;
}

export const isOriginalMark = (line: string) => line.length < 200 && ORIGINAL.test(line);
export const isForwardMark = (line: string) => line.length < 200 && (FORWARDED.test(line) || FORWARDED_BY_APPLE.test(line));
export const isForwardSubject = (subject: string | null) => FORWARDED_SUBJECT.test((subject ?? '').slice(0, 200));
export const isMobileSignature = (line: string) => line.length < 200 && MOBILE.test(line);
export const isRule = (line: string) => /^[_\-*=]{5,200}$/.test(line);
/** As lines are judged: without what nobody sees. `-- ` keeps its blank: it is the sign of a signature. */
export const linesOf = (text: string): string[] => text.split(/\r?\n/).map((line) => (line === '-- ' ? line : line.replace(/[\u200b\u200e\u200f\ufeff]/g, '').trim()));

function words(list: string): RegExp {
  return new RegExp(`^>?\\s?[-_*]{2,20}[ \\u00a0]?(?:${list})[ \\u00a0]?:?[ \\u00a0]?[-_*]{0,20}$`, 'i');
}
