/** Every refusal that may cross a service boundary: its HTTP status, and a title that says what to do. */
export const ERRORS = {
  VALIDATION_FAILED: { status: 400, title: 'The request does not fit its description: see errors' },
  NOT_SIGNED_IN: { status: 401, title: 'Sign in, or send a valid API key, and try again' },
  CREDENTIALS_WRONG: { status: 401, title: 'E-mail address or password is wrong' },
  TOKEN_EXPIRED: { status: 401, title: 'The token has expired: get a new one' },
  SESSION_REVOKED: { status: 401, title: 'This session has ended: sign in again' },
  IDENTITY_TOKEN_INVALID: { status: 401, title: 'The identity token is not valid for this widget: see detail' },
  IDENTITY_TOKEN_EXPIRED: { status: 401, title: 'The identity token has expired: ask the page for a new one' },
  SCOPE_MISSING: { status: 403, title: 'This key or role may not do that' },
  ROLE_NOT_ALLOWED: { status: 403, title: 'Your role may not give or change this role' },
  SIGN_UP_CLOSED: { status: 403, title: 'Sign-up is closed on this installation' },
  SIGNATURE_INVALID: { status: 403, title: 'The signature does not match the bytes that were sent' },
  ORIGIN_NOT_ALLOWED: { status: 403, title: 'This website may not use the channel: add its origin to the channel' },
  NOT_FOUND: { status: 404, title: 'There is nothing here' },
  ACCOUNT_NOT_FOUND: { status: 404, title: 'No such account' },
  USER_NOT_FOUND: { status: 404, title: 'No such person' },
  API_KEY_NOT_FOUND: { status: 404, title: 'No such API key' },
  TICKET_NOT_FOUND: { status: 404, title: 'No such ticket' },
  MESSAGE_NOT_FOUND: { status: 404, title: 'No such message' },
  PROFILE_NOT_FOUND: { status: 404, title: 'No such profile' },
  CHANNEL_NOT_FOUND: { status: 404, title: 'No such channel' },
  TIMER_NOT_FOUND: { status: 404, title: 'No such timer' },
  ATTACHMENT_NOT_FOUND: { status: 404, title: 'No such file' },
  MACRO_NOT_FOUND: { status: 404, title: 'No such macro' },
  COUPON_POOL_NOT_FOUND: { status: 404, title: 'No such coupon pool' },
  TAG_NOT_FOUND: { status: 404, title: 'No such tag' },
  VIEW_NOT_FOUND: { status: 404, title: 'No such view' },
  JOB_NOT_FOUND: { status: 404, title: 'No such job' },
  WIDGET_NOT_FOUND: { status: 404, title: 'No such widget, or it is switched off' },
  METRIC_NOT_FOUND: { status: 404, title: 'No such metric: see the catalogue' },
  SEGMENT_NOT_FOUND: { status: 404, title: 'No such segment' },
  EVENT_FILTER_NOT_FOUND: { status: 404, title: 'No such saved filter' },
  MERGE_NOT_FOUND: { status: 404, title: 'No such merge' },
  ERASURE_NOT_FOUND: { status: 404, title: 'No such erasure' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This path does not answer that method' },
  MOVE_NOT_ALLOWED: { status: 409, title: 'The ticket cannot do that: see reason' },
  REPLY_NOT_ALLOWED: { status: 409, title: 'No reply can be sent now: see reason' },
  NEWER_MESSAGE: { status: 409, title: 'A colleague has written since: read it, then send again with force' },
  CHAT_CLOSED: { status: 409, title: 'This chat is closed: start a new one' },
  TIMER_OVER: { status: 409, title: 'The timer has already fired or was cancelled' },
  COUPON_POOL_EMPTY: { status: 409, title: 'The coupon pool has no free code: add some' },
  EMAIL_TAKEN: { status: 409, title: 'Somebody with this e-mail address exists already' },
  IDENTIFIER_TAKEN: { status: 409, title: 'Another profile holds this identifier' },
  IDENTIFIER_ERASED: { status: 409, title: 'Somebody with this identifier was erased: it is not imported again' },
  ADDRESS_TAKEN: { status: 409, title: 'Another channel holds this address' },
  LAST_OWNER: { status: 409, title: 'An account keeps at least one owner' },
  NAME_TAKEN: { status: 409, title: 'There is one of this name already' },
  MERGE_NOT_ALLOWED: { status: 409, title: 'These two cannot be merged, or parted again: see reason' },
  TOO_MANY: { status: 409, title: 'There are as many as there may be: remove one first' },
  REQUEST_IN_PROGRESS: { status: 409, title: 'The first request with this Idempotency-Key is still running: ask again' },
  FEED_EXPIRED: { status: 410, title: 'That part of the feed is no longer kept: load the current state, then follow from the head' },
  VERSION_STALE: { status: 412, title: 'It has changed since: decide again on current' },
  TOO_LARGE: { status: 413, title: 'The body is larger than allowed' },
  MEDIA_TYPE_NOT_SUPPORTED: { status: 415, title: 'Send application/json' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'This Idempotency-Key was used for another request: take a new one' },
  ATTACHMENTS_NOT_SUPPORTED: { status: 422, title: 'No file can be sent this way: see detail' },
  CHANNEL_TYPE_NOT_READY: { status: 422, title: 'Channels of this type cannot be connected yet' },
  NOT_A_TEST_ACCOUNT: { status: 422, title: 'Only a test account has a test clock' },
  VERSION_MISSING: { status: 428, title: 'Send If-Match with the version you have seen' },
  RATE_LIMITED: { status: 429, title: 'Too many requests: wait for Retry-After seconds' },
  INTERNAL: { status: 500, title: 'Something broke on our side; the traceId finds it in the logs' },
  UNAVAILABLE: { status: 503, title: 'A part of Parley is not available just now: try again after Retry-After seconds' },
} as const satisfies Record<string, { status: number; title: string }>;

/** The stable, machine-readable name of a refusal: `code` of a problem+json answer (RFC 9457). */
export type ErrorCode = keyof typeof ERRORS;

/** The only error that may cross a service boundary. `more` is for machines: `reason`, `current`, `errors`, `until`. */
export class ContractError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly more: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = 'ContractError';
  }
}
