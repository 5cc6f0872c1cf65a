import type { Data, Envelope } from '@parley/contracts/events';
import { messageEvents, type Note } from '@parley/contracts/messages';
import type { Settings } from '@parley/contracts/settings';
import { spamEvents } from '@parley/contracts/spam';
import { ticketEvents, type TicketSnapshot } from '@parley/contracts/tickets';
import { escaped, oneLine, shortened, type Brand, type OutgoingMail } from '../follow-up/follow-up-mail.rules.js';

/** What staff may want to be told of. `restored`: a ticket that was spam until somebody said it was none. */
export type News =
  | { kind: 'ticket' | 'restored'; about: string; ticket: TicketSnapshot; text: string }
  | { kind: 'message'; about: string; ticket: TicketSnapshot; text: string }
  | { kind: 'mention'; about: string; ticket: TicketSnapshot; text: string; by: Note['author']; people: string[] };
/** What a mail to staff is made from. */
export type StaffMail = { news: 'ticket' | 'message' | 'mention'; number: number; channel: string; subject: string | null; who: string | null; text: string; from: string | null; personId: string | null };

/** What of a fact is news for staff. Spam is none (TKT-20), nor is what a program or a keyword wrote (MAIL-4). */
export const newsOf = ({ type, data }: Pick<Envelope, 'type' | 'data'>): News | null => NEWS[type]?.(data as never) ?? null;

const NEWS: Readonly<Record<string, (data: never) => News | null>> = {
  [ticketEvents.created.type]: (ticket: TicketSnapshot) => ofTicket('ticket', ticket),
  [spamEvents.changed.type]: (ticket: TicketSnapshot) => ofTicket('restored', ticket),
  [messageEvents.received.type]: ({ message, ticket }: Data<typeof messageEvents.received>) =>
    ticket.spam || message.keyword || message.automatic ? null : { kind: 'message', about: message.id, ticket, text: message.newText ?? message.text },
  [messageEvents.noteAdded.type]({ note, ticket }: Data<typeof messageEvents.noteAdded>) {
    const people = note.mentions.filter((id) => id !== note.author.id);
    return ticket && people.length ? { kind: 'mention', about: note.id, ticket, text: note.text, by: note.author, people } : null;
  },
};

const ofTicket = (kind: 'ticket' | 'restored', ticket: TicketSnapshot): News | null => (ticket.spam ? null : { kind, about: ticket.id, ticket, text: ticket.preview ?? '' });

/** Is it news for the recipients of NTF-1? Mentions are for whom they name. */
export const isForAll = ({ kind }: News, { notifyOn }: Settings<'notifications'>) =>
  kind === 'restored' ? notifyOn !== 'nothing' : kind === (notifyOn === 'new_tickets' ? 'ticket' : notifyOn === 'every_message' ? 'message' : null);

/** What is kept of news until the mail has gone. */
export const toStaffMail = (news: News, from: string | null, personId: string | null): StaffMail => ({
  news: news.kind === 'restored' ? 'ticket' : news.kind,
  number: news.ticket.number, channel: news.ticket.channel, subject: news.ticket.subject,
  who: news.kind === 'mention' ? news.by.name : news.ticket.profile.name,
  text: shortened(news.text), from, personId,
});

/** The mail itself; null where there is no address to write from. Marked, so that no machine answers it (RFC 3834). */
export function staffMail({ id, recipient, request }: { id: string; recipient: string; request: StaffMail }, brand: Brand): OutgoingMail | null {
  const from = request.from ?? brand.senderEmail;
  if (!from) return null;
  const headline = oneLine(HEADLINES[request.news](request));
  const about = [`${oneLine(brand.name)}, ticket #${request.number}, ${request.channel}`, ...(request.subject ? [oneLine(request.subject)] : [])];
  return {
    from: { name: oneLine(brand.name), address: from },
    to: { name: '', address: recipient },
    envelope: { from, to: [recipient] },
    messageId: `<staff.${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
    subject: headline,
    text: [headline, ...about, '', request.text, '', '-- ', WHY[request.news]].join('\n') + '\n',
    html: `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escaped(headline)}</title></head><body>
<h1 style="font-size:18px">${escaped(headline)}</h1>
<p>${about.map(escaped).join('<br>')}</p>
<p>${escaped(request.text).replaceAll('\n', '<br>')}</p>
<p style="font-size:12px;color:#6b7280">${WHY[request.news]}</p>
</body></html>\n`,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
}

const HEADLINES: Record<StaffMail['news'], (mail: StaffMail) => string> = {
  ticket: ({ number, who }) => `New ticket #${number} from ${who ?? 'a customer'}`,
  message: ({ number, who }) => `New message in ticket #${number} from ${who ?? 'a customer'}`,
  mention: ({ number, who }) => `${who ?? 'Somebody'} mentioned you in ticket #${number}`,
};
const WHY: Record<StaffMail['news'], string> = {
  ticket: 'This address is told of every new ticket.', message: 'This address is told of every new message.', mention: 'You get this e-mail because you work here and were mentioned in an internal note.',
};
