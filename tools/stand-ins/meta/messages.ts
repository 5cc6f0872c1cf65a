import { note, type ReceivedMeta } from '../received.js';
import type { Answer, Asked } from '../web.js';
import { MAGIC_RECIPIENTS, refusal } from './errors.js';
import { reportInstagram, reportWhatsapp } from './reports.js';
import { newMid, newWamid } from './webhooks.js';
import type { MetaWorld } from './world.js';

type Here = { world: MetaWorld; over: AbortSignal };

/** A refusal, remembered with whom it was for. */
export function refused(to: string, { world }: Pick<Here, 'world'>, given: Exclude<Answer, string>): Answer {
  note(world.received.refused, { to, code: (given.body as { error: { code: number } }).error.code }, world.keep);
  return given;
}

/** Whom a call is for, by whatever door. */
export function recipientOf(asked: Asked): string {
  const { recipient, to } = json(asked) as { recipient?: { id?: string } | string; to?: string };
  return to ?? (typeof recipient === 'string' ? recipient : recipient?.id) ?? '';
}

const FRESH = { text: '', template: null, file: null, tag: null, reference: null };

type File = { caption?: string; filename?: string; id?: string };
type WhatsappCall = { type?: string; text?: { body: string }; template?: { name: string }; biz_opaque_callback_data?: string } & Record<string, File | undefined>;

export function sendWhatsapp(asked: Asked, phoneNumberId: string, here: Here): Answer {
  const call = json(asked) as WhatsappCall;
  const to = recipientOf(asked);
  const trouble = MAGIC_RECIPIENTS[to] ?? (to && call.type ? undefined : refusal(400, 131008, 'Required parameter is missing'));
  if (trouble) return refused(to, here, trouble);
  const message: ReceivedMeta = { ...FRESH, id: newWamid(), door: 'whatsapp', from: phoneNumberId, to, reference: call.biz_opaque_callback_data ?? null, ...contentOf(call), status: 'accepted', at: Date.now() };
  return taken(message, here, reportWhatsapp, { messaging_product: 'whatsapp', contacts: [{ input: to, wa_id: to }], messages: [{ id: message.id, message_status: 'accepted' }] });
}

function contentOf({ type = '', text, template, ...call }: WhatsappCall): Partial<ReceivedMeta> {
  if (type === 'text') return { text: text?.body ?? '' };
  if (type === 'template') return { template: template ?? {} };
  const { caption = '', filename, id } = (call[type] ?? {}) as File;
  return { text: caption, file: `${type} ${filename ?? id}` };
}

type InstagramCall = { message?: { text?: string; attachment?: { type: string; payload: { url: string } } }; tag?: string };

export function sendInstagram(asked: Asked, here: Here): Answer {
  const { message: said = {}, tag = null } = json(asked) as InstagramCall;
  const to = recipientOf(asked);
  const trouble = MAGIC_RECIPIENTS[to] ?? refusedByInstagram(said.text ?? '', tag, here);
  if (trouble) return refused(to, here, trouble);
  const from = here.world.subscriptions.findLast(({ object }) => object === 'instagram')?.id ?? '';
  const file = said.attachment ? `${said.attachment.type} ${said.attachment.payload.url}` : null;
  const message: ReceivedMeta = { ...FRESH, id: newMid(), door: 'instagram', from, to, text: said.text ?? '', file, tag, status: 'sent', at: Date.now() };
  return taken(message, here, reportInstagram, { recipient_id: to, message_id: message.id });
}

function refusedByInstagram(text: string, tag: string | null, { world }: Here) {
  if (world.faults.instagramWindowClosed && tag !== 'HUMAN_AGENT') return refusal(400, 10, 'This message is sent outside of allowed window.', { error_subcode: 2534022 });
  return Buffer.byteLength(text) > 1000 ? refusal(400, 100, 'Length of param message[text] must be less than or equal to 1000') : undefined;
}

function taken(message: ReceivedMeta, { world, over }: Here, report: typeof reportWhatsapp, body: object): Answer {
  note(world.received.meta, message, world.keep);
  if (!world.faults.callbacksOff) void report(message, world, over);
  return world.faults.graphLosesAnswer ? 'cut' : { status: 200, body };
}

function json({ body }: Asked): unknown {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}
