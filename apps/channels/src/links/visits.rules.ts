/** Programs that look at addresses in messages before, or instead of, a person: previews of phones and messengers, scanners of carriers, search engines. */
const PROGRAMS =
  /bot\b|bots\b|crawl|spider|preview|prefetch|scan|slurp|facebookexternalhit|facebot|whatsapp|telegram|slack|discord|twitter|linkedin|pinterest|skype|viber|line-poker|mastodon|embedly|vkshare|google-(safety|read-aloud)|googleimageproxy|bingbot|headless|phantom|lighthouse|curl\/|wget\/|python|java\/|go-http-client|okhttp|node-fetch|undici|axios|libwww|httpclient|postman/i;

export type Visit = { method: string; userAgent: string | null; purpose: string | null };

/** Is it somebody who follows the link (SMS-4)? Asking for the head, fetching ahead and programs are no visits. */
export const isVisit = ({ method, userAgent, purpose }: Visit): boolean =>
  method === 'GET' && userAgent !== null && userAgent !== '' && !PROGRAMS.test(userAgent) && !/prefetch|preview|prerender/i.test(purpose ?? '');
