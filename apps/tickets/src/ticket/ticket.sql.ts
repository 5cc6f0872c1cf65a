import { CHANGING } from './ticket.entity.js';

/** A ticket with its customer and its channel: the columns of `TicketEntity`. */
export const TICKET = `t.*, p.name AS profile_name, p.blocked AS profile_blocked, p.consents AS profile_consents, coalesce(c.enabled, true) AS channel_enabled`;
/** What they come from, where `t` is a ticket. */
export const AROUND = `JOIN profile p ON p.id = t.profile_id LEFT JOIN channel c ON c.id = t.channel_id`;

/** `status = $3, …`: the assignments that save a ticket; `from` is the first placeholder. */
export const assignments = (from: number) => CHANGING.map((column, n) => `${column} = $${from + n}`).join(', ');
