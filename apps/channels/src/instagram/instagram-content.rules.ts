import type { MessageDetail } from '@parley/contracts/channels';
import type { InboundFile } from '../adapter.js';
import { type Fields, fields, idIn, linkIn, list, verbatim, words } from '../meta/json.rules.js';

export type Content = { text: string; attachments: InboundFile[]; details: MessageDetail[] };

/** Instagram says what kind of file it is and nothing more: type and size are told when it is fetched. */
const FILES: ReadonlyMap<unknown, { name: string; contentType: string }> = new Map(Object.entries({
  image: { name: 'image', contentType: 'image/jpeg' },
  video: { name: 'video', contentType: 'video/mp4' },
  audio: { name: 'audio', contentType: 'audio/mp4' },
  file: { name: 'file', contentType: 'application/octet-stream' },
}));
const SHARES = ['share', 'ig_reel', 'reel', 'ig_post', 'ig_story', 'fallback', 'template'];

/** What a direct message holds (META-2). */
export function contentOf(message: Fields): Content {
  const attachments = list(message.attachments).slice(0, 10).map(fields);
  const files = attachments.flatMap((one) => fileIn(one) ?? []);
  const details = [...attachments.flatMap((one) => (fileIn(one) ? [] : [shownIn(one)])), ...storyIn(message), ...choiceIn(message), ...referralIn(message.referral)];
  const text = words(message.text, 65_536) ?? '';
  const isEmpty = !text && !files.length && !details.length;
  return { text, attachments: files, details: isEmpty || message.is_unsupported === true ? [{ kind: 'unsupported', what: 'message' }, ...details] : details };
}

/** Fetched and stored (META-4). */
function fileIn({ type, payload }: Fields): InboundFile | null {
  const url = linkIn(fields(payload).url);
  const file = FILES.get(type);
  return url && file ? { ...file, sizeBytes: 0, inline: false, remote: { url } } : null;
}

/** What is not ours to keep, or no file: stories by reference alone (settled 17), posts by their link, what vanishes by its name. */
function shownIn({ type, payload }: Fields): MessageDetail {
  const { url, title, id, reel_video_id: reel } = fields(payload);
  if (type === 'story_mention') return { kind: 'story', act: 'mention', storyId: idIn(id)?.slice(0, 200) ?? null, url: linkIn(url) };
  if (typeof type === 'string' && SHARES.includes(type)) return { kind: 'share', what: type, title: words(title) ?? idIn(reel), url: linkIn(url) };
  return { kind: 'unsupported', what: words(type, 200) ?? 'attachment' };
}

function storyIn(message: Fields): MessageDetail[] {
  const { story } = fields(message.reply_to);
  return story === undefined ? [] : [{ kind: 'story', act: 'reply', storyId: idIn(fields(story).id)?.slice(0, 200) ?? null, url: linkIn(fields(story).url) }];
}

function choiceIn({ text, quick_reply: quick }: Fields): MessageDetail[] {
  return quick === undefined ? [] : [{ kind: 'choice', via: 'quick_reply', id: words(fields(quick).payload), title: words(text) ?? '', description: null, answers: null }];
}

/** The link or advertisement that brought the customer here (TKT-7). */
export function referralIn(value: unknown): MessageDetail[] {
  if (value === undefined) return [];
  const { source, ref, ads_context_data: ad } = fields(value);
  const { ad_title: title, photo_url: url } = fields(ad);
  return [{ kind: 'referral', source: words(source, 200), title: words(title) ?? words(ref), url: linkIn(url), received: verbatim(value) }];
}
