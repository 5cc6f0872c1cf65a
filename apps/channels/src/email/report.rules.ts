/** What a delivery report (RFC 3464) or a read receipt (RFC 8098) says of a message of ours. `state` null: nothing that changes it. */
export type Report = { messageIds: string[]; state: 'failed' | 'delivered' | 'read' | null; failure: { code: string; reason: string } | null };

type Part = { contentType: string; body: string };

/**
 * A bounce, or what looks like one: only `Action: failed` with a status of 5.x.x fails a message, `delayed` is no end.
 * The message is named by the Message-ID in the returned mail or its headers.
 */
export function bounceIn(parts: readonly Part[]): Report {
  const status = fieldsOf(parts.find(({ contentType }) => contentType.endsWith('/delivery-status'))?.body ?? '');
  const code = status.get('status')?.match(/[245]\.\d{1,3}\.\d{1,3}/)?.[0];
  const action = status.get('action')?.toLowerCase();
  const returned = parts.filter(({ contentType }) => /^(message\/rfc822|text\/rfc822-headers|message\/global)/.test(contentType));
  const messageIds = returned.flatMap(({ body }) => idOf(fieldsOf(body).get('message-id')));
  if (action !== 'failed' || !code?.startsWith('5.')) return { messageIds, state: action === 'delivered' ? 'delivered' : null, failure: null };
  const reason = (status.get('diagnostic-code') ?? 'The receiving server refused it').replace(/^\w+\s*;\s*/, '').slice(0, 500);
  return { messageIds, state: 'failed', failure: { code, reason } };
}

/** A read receipt. A mail that was deleted unread, say, was not read. */
export function receiptIn(parts: readonly Part[]): Report {
  const fields = fieldsOf(parts.find(({ contentType }) => contentType.endsWith('/disposition-notification'))?.body ?? '');
  const isRead = /;\s*displayed\b/i.test(fields.get('disposition') ?? '');
  return { messageIds: idOf(fields.get('original-message-id')), state: isRead ? 'read' : null, failure: null };
}

/** `Name: value` lines, unfolded, names in lower case; of a repeated name the first (reports begin with the message, recipients follow). */
function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.slice(0, 65_536).replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const [, name, value] = /^([\w-]{1,76}):\s*(.*)$/.exec(line) ?? [];
    if (name && value !== undefined && !fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), value.trim());
  }
  return fields;
}

const idOf = (value: string | undefined) => /<([^<>\s]+)>/.exec(value ?? '')?.slice(1) ?? [];
