import { FILE_BYTES } from '@parley/contracts/attachments';

/** Seconds until the next try, after the first, second … failed one; then the file cannot be had. Few: providers lock out who asks too often for what is gone. */
export const BACKOFF_SECONDS = [5, 30, 120, 600, 3600, 21_600] as const;

/** ±20 % by `chance` in [0, 1), never earlier than the provider wishes; null: give up. */
export function waitSeconds(attempt: number, chance: number, retryAfterSeconds = 0): number | null {
  const base = BACKOFF_SECONDS[attempt - 1];
  return base === undefined ? null : Math.max(base * (0.8 + 0.4 * chance), Math.min(retryAfterSeconds, 86_400));
}

/** What an answer to a request for bytes means. */
export type Meaning = { kind: 'bytes' } | { kind: 'redirect'; to: URL } | { kind: 'gone' | 'refused'; problem: string } | { kind: 'later'; reason: string; seconds: number | undefined };

/** `from`: what was asked, for a relative target. */
export function meaningOf(status: number, headers: Readonly<Record<string, string>>, from: string): Meaning {
  const { location } = headers;
  if (status === 200) return { kind: 'bytes' };
  if (status >= 300 && status < 400 && location && URL.canParse(location, from)) return { kind: 'redirect', to: new URL(location, from) };
  if (status === 404 || status === 410) return { kind: 'gone', problem: 'The provider no longer has this file' };
  // Whoever is not let in may be let in again once the channel is repaired.
  if (status === 401 || status === 403 || status === 408 || status === 425 || status === 429 || status >= 500) return { kind: 'later', reason: `The provider answered ${status}`, seconds: Number(headers['retry-after']) || undefined };
  return { kind: 'refused', problem: `The provider answered ${status}` };
}

export const TOO_LARGE = `The file is larger than ${FILE_BYTES / 1024 / 1024} MiB`;

/** Endings of the types that phones send, for files that come without a name of their own. */
const ENDINGS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg', 'image/png': 'png', 'image/gif': 'gif', 'image/webp': 'webp', 'image/heic': 'heic', 'video/mp4': 'mp4', 'video/3gpp': '3gp', 'video/quicktime': 'mov', 'video/webm': 'webm',
  'audio/mpeg': 'mp3', 'audio/mp4': 'm4a', 'audio/x-m4a': 'm4a', 'audio/ogg': 'ogg', 'audio/opus': 'opus', 'audio/amr': 'amr', 'audio/aac': 'aac', 'audio/wav': 'wav', 'application/pdf': 'pdf', 'text/vcard': 'vcf',
};

/** The name with the ending of what the file is, where it had none. */
export function nameWithEnding(name: string, contentType: string): string {
  const ending = ENDINGS[contentType];
  return ending && !/\.[A-Za-z0-9]{1,8}$/.test(name) ? `${name}.${ending}` : name;
}
