import type { Holdings } from '@parley/service/privacy';

/** The conversations of the person: by number, by chat, by mail thread, and by whatever tickets has said of them. */
const CONVERSATION = `regexp_replace(t.conv_key, '^[^:]*:[^:]*:', '') = ANY (p.names || p.sessions::text[] || p.threads::text[])`;
const MESSAGE = `t.profile_id = ANY (p.profiles) OR t.id = ANY (p.messages) OR ${CONVERSATION}`;
const MESSAGES = `(SELECT t.raw_id FROM inbound_message t WHERE t.account_id = p.account AND t.raw_id IS NOT NULL AND (${MESSAGE}))`;
const IN_BYTES = (column: string) => `EXISTS (SELECT FROM unnest(p.names) name WHERE position(convert_to(name, 'UTF8') IN ${column}) > 0 OR position(convert_to(replace(replace(name, '+', '%2B'), '@', '%40'), 'UTF8') IN ${column}) > 0)`;
const DELIVERY = 't.profile_id = ANY (p.profiles) OR t.ticket_id = ANY (p.tickets) OR t.session_id = ANY (p.sessions) OR t.thread_id = ANY (p.threads)';

/** What this service holds of a customer. What the books count stays as rows without content (OPS-6). */
export const HOLDINGS: Holdings = {
  inbound_item: { whose: `t.raw_id IN ${MESSAGES} OR EXISTS (SELECT FROM raw_inbound r WHERE r.id = t.raw_id AND ${IN_BYTES('r.body')})`, erase: 'reason = NULL' },
  raw_inbound: { whose: `t.id IN ${MESSAGES} OR ${IN_BYTES('t.body')}`, erase: `headers = '{}', body = ''`, hide: 'all' },
  parked_amendment: { whose: CONVERSATION, erase: 'delete', hide: 'all' },
  echo: { whose: CONVERSATION, erase: `conv_key = 'erased:' || t.id, waiting = NULL, provider_message_id = 'erased:' || t.id`, hide: ['waiting'] },
  inbound_media: { whose: `t.message_id = ANY (p.messages) OR ${CONVERSATION}`, erase: 'delete', hide: ['remote'] },
  // WhatsApp writes the customer's number into its ids.
  // The fingerprint of a mail stays: it is a hash, and by it a mail that is delivered again is known.
  inbound_message: { whose: MESSAGE, erase: `conv_key = 'erased:' || t.id, conv_seq = 1, reason = NULL, provider_message_id = CASE WHEN t.provider_message_id LIKE '%@%' OR t.provider_message_id LIKE 'wamid.%' THEN 'erased:' || t.id ELSE t.provider_message_id END`, hide: ['fingerprint'] },
  conversation: { whose: CONVERSATION, erase: 'delete', hide: 'all' },
  outbox: { whose: `t.id IN (SELECT t.id FROM delivery t WHERE t.account_id = p.account AND (${DELIVERY}))`, erase: 'delete', hide: 'all' },
  delivery: {
    whose: DELIVERY,
    erase: `recipient = '{"type": "alnum", "value": "erased", "verified": false}', to_name = NULL, subject = NULL, text = '', html = NULL, attachments = '[]', template = NULL,
      provider_message_id = CASE WHEN t.provider_message_id LIKE 'wamid.%' THEN 'erased:' || t.id ELSE t.provider_message_id END,
      state = CASE WHEN t.state = 'queued' THEN 'failed' ELSE t.state END, failure = CASE WHEN t.failure IS NULL AND t.state <> 'queued' THEN NULL ELSE '{"code": "erased", "reason": "erased"}'::jsonb END`,
  },
  // Given up in the same transaction: see PrivacyService.
  chat_upload: { whose: 't.session_id = ANY (p.sessions)', erase: `name = 'erased', created_at = '-infinity'` },
  chat_faq_read: { whose: 't.session_id = ANY (p.sessions)', erase: 'delete' },
  // Hashes of what a brand's server has named its tokens by.
  chat_proof_used: 'nobody',
  chat_setup: 'nobody',
  chat_token: { whose: 't.session_id = ANY (p.sessions)', erase: 'delete', hide: 'all' },
  chat_lease: { whose: 't.session_id = ANY (p.sessions)', erase: 'delete', hide: 'all' },
  chat_sent: { whose: 't.sent_to = ANY (p.sessions) OR t.stands_in = ANY (p.sessions)', erase: 'delete' },
  chat_message: { whose: 't.session_id = ANY (p.sessions)', erase: 'delete', hide: 'all' },
  chat_session: { whose: 't.id = ANY (p.sessions)', erase: `visitor = 'erased:' || t.id, name = NULL, email = NULL, open = false, ended_by = coalesce(t.ended_by, 'brand'), closed_at = coalesce(t.closed_at, now())` },
  mail_token: { whose: 't.thread_id = ANY (p.threads)', erase: 'delete', hide: 'all' },
  mail_message: { whose: 't.thread_id = ANY (p.threads)', erase: `message_id = 'erased:' || t.seq` },
  mail_thread: { whose: 't.id = ANY (p.threads)', erase: 'customer = NULL' },
  person_consent: { whose: 't.profile_id = ANY (p.profiles)', erase: 'delete' },
  blocked_person: { whose: 't.profile_id = ANY (p.profiles)', erase: 'delete' },
  // What a provider says of a message may name its recipient.
  channel_health: { whose: 'EXISTS (SELECT FROM unnest(p.names) name WHERE position(name IN t.last_error::text) > 0)', erase: 'last_error = NULL', hide: 'all' },
  quarantine: { whose: `t.raw_id IN ${MESSAGES} OR EXISTS (SELECT FROM raw_inbound r WHERE r.id = t.raw_id AND ${IN_BYTES('r.body')})`, erase: 'reason = NULL' },
  delivery_piece: 'nobody', echo_waiting: 'nobody', media_waiting: 'nobody', file_leaving: 'nobody',
  short_link: { whose: 't.profile_id = ANY (p.profiles)', erase: 'delete' },
  short_link_key: 'nobody', provider_round: 'nobody',
  brand: 'nobody', channel: 'nobody', channel_template: 'nobody', chat_answer: 'nobody', channel_key: 'nobody', mail_waiting: 'nobody', parked_status: 'nobody', staff_address: 'nobody', mail_once: 'nobody', imap_cursor: 'nobody', mail_sender: 'nobody', mail_confirmation: 'nobody',
};
