import { z } from 'zod';
import { Id, Instant, request, text, PageInput, page } from './contract.js';
import { TicketSnapshot } from './tickets.js';

/** Where something was found. */
export const FoundIn = z.enum(['ticket_number', 'email', 'phone', 'order_number', 'message', 'note', 'subject', 'customer']).meta({ id: 'FoundIn' });
export type FoundIn = z.infer<typeof FoundIn>;

/** One place where it was found, with its ticket: of a person, the newest one. */
export const SearchHit = z
  .object({
    foundIn: FoundIn,
    exact: z.boolean().describe('A number, address or order that is exactly what was asked for; these come first'),
    ticket: TicketSnapshot,
    messageId: Id.nullable().describe('The message or the note'),
    seq: z.int().nullable().describe('Number of the message, or of the one behind which the note stands'),
    highlight: z.string().nullable().describe('HTML: escaped text in which what was found stands in <mark>'),
    at: Instant,
  })
  .meta({ id: 'SearchHit' });
export type SearchHit = z.infer<typeof SearchHit>;

export const search = {
  find: request({
    subject: 'tickets.search.find', http: 'GET /v1/search', scope: 'tickets:read',
    summary:
      'Search messages, notes, subjects, customers, numbers and addresses (TKT-18): all words, in any form, accent or case; "in quotes" as a phrase, -word excludes. Exact hits come first, then the newest. Spam is not searched. A page may be short; the last one has no nextCursor',
    input: z.strictObject({ q: text(200), ...PageInput }), output: page(SearchHit), errors: [],
  }),
};
