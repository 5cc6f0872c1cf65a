import type { Holdings } from '@parley/service/privacy';

const OF_PROFILE = 't.profile_id = ANY (p.profiles)';
const OF_TICKET = 't.ticket_id = ANY (p.tickets)';

/** What this service holds of a customer. Rows that counts and other rows hang on stay, without content (PRO-6). */
export const HOLDINGS: Holdings = {
  search_document: {
    whose: `t.subject_id = ANY (p.profiles || p.tickets) OR t.subject_id IN (SELECT m.id FROM message m WHERE m.account_id = p.account AND m.ticket_id = ANY (p.tickets))
      OR t.subject_id IN (SELECT n.id FROM note n WHERE n.account_id = p.account AND n.ticket_id = ANY (p.tickets))`,
    erase: 'delete', hide: 'all',
  },
  attachment: { whose: 't.message_id IN (SELECT m.id FROM message m WHERE m.account_id = p.account AND m.ticket_id = ANY (p.tickets))', erase: 'delete' },
  message: {
    whose: OF_TICKET,
    erase: `text = '', html = NULL, attachments = '[]', details = '[]', new_text = NULL, reactions = '[]', note = NULL, template = NULL, author_name = CASE WHEN t.author_type = 'agent' THEN t.author_name END,
      delivery_failure = CASE WHEN t.delivery_failure IS NULL THEN NULL ELSE '{"code": "erased", "reason": "erased"}'::jsonb END`,
  },
  note: { whose: OF_TICKET, erase: `text = ''` },
  amendment: { whose: `regexp_replace(t.amendment ->> 'conversationKey', '^[^:]*:[^:]*:', '') = ANY (p.names || p.sessions::text[] || p.threads::text[])`, erase: 'delete', hide: 'all' },
  // May hold what a ticket said before; without it nothing can be undone.
  ticket_merge: { whose: 't.from_id = ANY (p.tickets) OR t.into_id = ANY (p.tickets)', erase: 'delete', hide: ['restore', 'moved'] },
  scheduled_reply: { whose: OF_TICKET, erase: `text = NULL, attachments = '{}', state = CASE WHEN t.state = 'waiting' THEN 'cancelled' ELSE t.state END` },
  coupon_code: { whose: 't.given_to = ANY (p.profiles)', erase: 'given_to = NULL' },
  held_message: { whose: OF_PROFILE, erase: 'delete' },
  chat_presence: { whose: 't.session_id = ANY (p.sessions)', erase: 'delete', hide: 'all' },
  scheduled_action: { whose: `t.subject_id = ANY (p.tickets)`, erase: `reason = '{}'`, hide: 'all' },
  ticket: { whose: 't.id = ANY (p.tickets)', erase: `customer = '{"type": "alnum", "value": "erased", "verified": false}', subject = NULL, preview = NULL, attribution = NULL`, hide: ['timetable', 'partition'] },
  consent: { whose: OF_PROFILE, erase: 'delete' },
  customer_event: { whose: OF_PROFILE, erase: 'delete' },
  auto_response: { whose: OF_PROFILE, erase: 'delete', hide: 'all' },
  campaign_message: { whose: OF_PROFILE, erase: 'delete' },
  segment_member: { whose: OF_PROFILE, erase: 'delete' },
  segment_work: { whose: 't.subject = ANY (p.profiles)', erase: 'delete', hide: 'all' },
  profile_merge: { whose: 't.from_id = ANY (p.profiles) OR t.into_id = ANY (p.profiles)', erase: `gained = '{}'` },
  profile_identifier: { whose: OF_PROFILE, erase: 'delete' },
  profile: { whose: 't.id = ANY (p.profiles)', erase: `name = NULL, locale = NULL, timezone = NULL, location = NULL, properties = '{}', consents = '{}', blocked = true, version = t.version + 1` },
  decision: { whose: OF_TICKET, erase: `inputs = '{}'` },
  ticket_history: { whose: OF_TICKET, erase: 'changes = NULL' },
  spam_sample: { whose: OF_TICKET, erase: `tokens = '{}'`, hide: 'all' },
  desk_state: 'nobody', macro: 'nobody', message_template: 'nobody', routing_rule: 'nobody', spam_token: 'nobody', tag: 'nobody', team: 'nobody', team_member: 'nobody', turn: 'nobody',
  account: 'nobody', agent: 'nobody', bulk_item: 'nobody', bulk_job: 'nobody', bulk_work: 'nobody', channel: 'nobody', coupon_pool: 'nobody', saved_view: 'nobody', search_language: 'nobody', search_work: 'nobody',
  erased_identifier: 'nobody', event_filter: 'nobody', segment: 'nobody', setting: 'nobody', ticket_counter: 'nobody', ticket_tag: 'nobody',
};
