import { CHANGING } from './ticket.entity.js';

/** A ticket with its customer and its channel: the columns of `TicketEntity`. */
export const TICKET = `t.*, p.name AS profile_name, p.blocked AS profile_blocked, p.consents AS profile_consents, p.timezone AS profile_timezone, coalesce(c.enabled, true) AS channel_enabled,
  coalesce((c.settings->>'humanAgent')::boolean, false) AS human_agent`;
/** What they come from, where `t` is a ticket. The LIMIT keeps an early plan from walking all profiles of the account. */
export const AROUND = `CROSS JOIN LATERAL (SELECT name, blocked, consents, timezone FROM profile WHERE id = t.profile_id LIMIT 1) p LEFT JOIN channel c ON c.id = t.channel_id`;

/** `status = $3, …`: the assignments that save a ticket; `from` is the first placeholder. */
export const assignments = (from: number) => CHANGING.map((column, n) => `${column} = $${from + n}`).join(', ');
