/** What one sending host may do at our SMTP door: forwarders such as Gmail come with many connections, nobody needs more than this. */
export const SMTP_LIMITS = { mailBytes: 25 * 1024 * 1024, connections: 200, connectionsPerHost: 50, mailsPerHostAndMinute: 6_000, recipients: 50 };

/** What a host may still hand over: `left` mails as of `at`, in milliseconds of any steady clock. */
export type Allowance = { left: number; at: number };

/** One more mail from this host: may it? Unused allowance grows back evenly, up to a minute's worth. */
export function spend(known: Allowance | undefined, now: number, perMinute: number): Allowance & { allowed: boolean } {
  const left = known ? Math.min(perMinute, known.left + ((now - known.at) / 60_000) * perMinute) : perMinute;
  return { left: Math.max(left - 1, 0), at: now, allowed: left >= 1 };
}
