import type { Holdings } from '@parley/service/privacy';

/** Reports are made of ids, instants and counts, which stay (PRO-6); what was said stands in the event log, which is scrubbed like every log. */
export const HOLDINGS: Holdings = { event_log: 'nobody', metric_value: 'nobody', reported_account: 'nobody', ticket_fact: 'nobody' };
