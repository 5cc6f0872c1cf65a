import type { Envelope } from '@parley/contracts/events';
import type { Message } from '@parley/contracts/messages';
import type { TicketSnapshot } from '@parley/contracts/tickets';

type Said = Omit<Envelope, 'sequence'>;
const NOTHING = { text: '', html: null, newText: null, truncated: false, attachments: [], details: [], reactions: [] } satisfies Partial<Message>;

/**
 * Events of one ticket without what a message of it said, which was taken back since (META-2): its content, and its beginning where lists showed it.
 * Answers only those that held something of it.
 */
export function withoutMessage<E extends Said>(events: readonly E[], messageId: string): E[] {
  const texts = events.flatMap((event) => textsOf(messageIn(event, messageId)));
  return events.flatMap((event) => {
    const message = messageIn(event, messageId);
    const data = { ...event.data, ...(message && { message: { ...message, ...NOTHING } }), ...unpreviewed(event.data, texts) };
    return JSON.stringify(data) === JSON.stringify(event.data) ? [] : [{ ...event, data: data as E['data'] }];
  });
}

function messageIn({ data }: Said, id: string): Message | null {
  const { message } = data as { message?: Message };
  return message?.id === id ? message : null;
}

/** The ticket, as the data or beside a message, without a preview that begins what was said. */
function unpreviewed(data: Said['data'], texts: readonly string[]) {
  const { ticket, preview } = data as { ticket?: TicketSnapshot; preview?: string | null };
  const isOfIt = (one: string | null | undefined) => !!one && texts.some((text) => text.startsWith(one.replace(/…$/, '')));
  return { ...(isOfIt(preview) && { preview: null }), ...(ticket && isOfIt(ticket.preview) && { ticket: { ...ticket, preview: null } }) };
}

/** What a preview may begin with, spelled as previews are: the words, else the names of its files. */
const textsOf = (message: Message | null) =>
  message ? [message.newText ?? '', message.text, message.attachments.map(({ name }) => name).join(', ')].map((text) => text.replace(/\s+/g, ' ').trim()).filter(Boolean) : [];
