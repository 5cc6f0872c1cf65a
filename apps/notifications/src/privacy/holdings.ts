import type { Holdings } from '@parley/service/privacy';

/** What this service holds of a customer: mails that went to them, or told staff of them. The feed is scrubbed like a log. */
export const HOLDINGS: Holdings = {
  mail_due: { whose: 't.mail_id IN (SELECT m.id FROM mail m WHERE m.account_id = p.account AND (m.ticket_id = ANY (p.tickets) OR m.session_id = ANY (p.sessions)))', erase: 'delete', hide: 'all' },
  mail: {
    whose: 't.ticket_id = ANY (p.tickets) OR t.session_id = ANY (p.sessions)',
    erase: `recipient = 'erased', request = '{}', reason = NULL, state = CASE WHEN t.state = 'queued' THEN 'cancelled' ELSE t.state END`,
  },
  brand: 'nobody', feed_counter: 'nobody', feed_event: 'nobody', colleague: 'nobody', staff_mail_settings: 'nobody',
};
