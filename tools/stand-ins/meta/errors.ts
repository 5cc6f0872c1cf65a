import type { Answer } from '../web.js';

/** The body of a refusal of the Graph API. */
export const refusal = (status: number, code: number, message: string, more: object = {}): Exclude<Answer, string> => ({
  status, body: { error: { message, type: status === 401 ? 'OAuthException' : 'GraphMethodException', code, ...more, fbtrace_id: 'A-pretended-trace' } },
});

export const TOKEN_EXPIRED = refusal(401, 190, 'Error validating access token: Session has expired.', { error_subcode: 463 });
export const UNKNOWN = refusal(400, 100, 'Unsupported get request. Object does not exist', { error_subcode: 33 });

const details = (text: string) => ({ error_data: { messaging_product: 'whatsapp', details: text } });

/** Numbers and people to whom nothing can be sent: the refusal is chosen by whom it is for. */
export const MAGIC_RECIPIENTS: Record<string, Exclude<Answer, string>> = {
  15005550026: refusal(400, 131026, 'Message undeliverable', details('The recipient has no WhatsApp')),
  15005550047: refusal(400, 131047, 'Re-engagement message', details('More than 24 hours have passed since the customer last replied')),
  15005550056: refusal(400, 131056, 'Pair rate limit hit'),
  900000000000551: refusal(400, 551, "This person isn't available right now."),
};

/** A refusal of the code that was wished for; limits are answered with 429. */
export const wished = (code: number): Exclude<Answer, string> => (code === 190 ? TOKEN_EXPIRED : refusal([4, 17, 613, 80007, 130429].includes(code) ? 429 : 400, code, `(#${code}) A pretended refusal`));
