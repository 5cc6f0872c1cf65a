import { z } from 'zod';

/** Who the brand says the visitor is (CHAT-2). `id` is the brand's own: the profile's external id. */
export type Visitor = { id: string; name: string | null; email: string | null };

/** Which tokens are for this widget and no other. */
export const audienceOf = (widgetKey: string) => `parley-widget:${widgetKey}`;

/** By a secret that both sides hold, and by keys of which only the public half is known (CHAT-2). */
export const SECRET_ALGORITHM = 'HS256';
export const PUBLIC_KEY_ALGORITHMS = ['RS256', 'ES256'];
/** Seconds that two clocks may differ, and the longest life of a token. */
export const LEEWAY = 30;
export const MAX_LIFE = 3600;

const plain = (max: number) => z.string().min(1).max(max).refine((text) => !/[\p{Cc}\p{Surrogate}]/u.test(text), 'holds a control character');
const Claims = z.object({
  sub: plain(255),
  exp: z.number(),
  iat: z.number().optional(),
  jti: plain(255).optional(),
  email: z.email().max(254).nullish(),
  name: plain(200).nullish(),
});

/** The visitor of a token whose signature, audience and expiry hold; or why not. `now` in seconds. */
export function visitorOf(claims: unknown, now: number): Visitor | { refused: string } {
  const parsed = Claims.safeParse(claims);
  if (!parsed.success) return { refused: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') };
  const { sub, exp, iat, email, name } = parsed.data;
  if (iat !== undefined && iat > now + LEEWAY) return { refused: 'iat is in the future' };
  if (exp - Math.max(iat ?? now, now - MAX_LIFE) > MAX_LIFE + LEEWAY || exp - now > MAX_LIFE + LEEWAY) return { refused: 'exp is more than an hour away' };
  return { id: sub, name: name ?? null, email: email?.toLowerCase() ?? null };
}

/** May a page of this origin use the channel? Without a list any may; a client that is no page sends none, and the token decides. */
export const mayUse = (allowed: readonly string[], origin: string | undefined): boolean =>
  allowed.length === 0 || origin === undefined || allowed.some((one) => one.toLowerCase() === origin.toLowerCase());
