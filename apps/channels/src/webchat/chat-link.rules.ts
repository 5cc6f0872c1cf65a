import { z } from 'zod';

const Content = z.object({ account: z.uuid(), session: z.uuid(), exp: z.number() });
/** Which chat a link of a follow-up e-mail opens, until when (seconds). */
export type ChatLink = z.infer<typeof Content>;
/** The MAC says that the payload is ours: under this purpose the notifications service makes it. */
export const PURPOSE = 'chat-link';

/** The two halves of what stands in the address; null for what is none of ours. */
export function halves(link: string): { payload: string; mac: string } | null {
  const [payload, mac, ...more] = link.split('.');
  return payload && mac && more.length === 0 ? { payload, mac } : null;
}

/** What a payload says, whose MAC has been found right. */
export function contentOf(payload: string): ChatLink | null {
  try {
    return Content.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString())).data ?? null;
  } catch {
    return null;
  }
}
