import { ContractError, ERRORS, type ErrorCode } from '@parley/contracts/errors';

/** What the HTTP server refuses before a route is reached, by status, as the refusal that it is. */
const BEFORE_A_ROUTE: Record<number, ContractError> = {
  404: new ContractError('NOT_FOUND', 'There is no such path'),
  // An id longer than any of ours.
  414: new ContractError('NOT_FOUND', 'There is no such path'),
  413: new ContractError('TOO_LARGE', 'A JSON body may hold 1 MiB'),
  415: new ContractError('MEDIA_TYPE_NOT_SUPPORTED', 'The body is not application/json'),
};
/** Seconds after which to try again, where the refusal names none. */
const RETRY_SECONDS: Partial<Record<ErrorCode, number>> = { UNAVAILABLE: 2, RATE_LIMITED: 1, REQUEST_IN_PROGRESS: 1 };

/** The refusal behind anything that was thrown; null for what is our own fault. */
export function refusalBehind(error: unknown): ContractError | null {
  if (error instanceof ContractError) return error;
  const { statusCode, status = statusCode } = (error ?? {}) as { statusCode?: number; status?: number };
  if (status === 400) return new ContractError('VALIDATION_FAILED', 'The request cannot be read');
  return BEFORE_A_ROUTE[status ?? 0] ?? null;
}

/** The answer by RFC 9457: never a stack, never a cause. */
export function problemOf({ code, message, more }: ContractError, traceId: string) {
  const { status, title } = ERRORS[code];
  const { retryAfterSeconds, ...rest } = more;
  const headers: Record<string, string> = { 'content-type': 'application/problem+json; charset=utf-8' };
  const wait = retryAfterSeconds ?? RETRY_SECONDS[code];
  if (wait !== undefined) headers['retry-after'] = String(wait);
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  return { status, headers, body: { type: `urn:parley:problem:${code.toLowerCase().replaceAll('_', '-')}`, title, status, code, detail: message, ...rest, traceId } };
}
