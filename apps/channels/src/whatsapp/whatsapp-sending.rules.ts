import type { Attachment, MessageTemplate } from '@parley/contracts/channels';
import type { Outbound } from '../adapter.js';
import { piecesOf } from '../meta/pieces.rules.js';

const TEXT_CHARACTERS = 4096;
const CAPTION_CHARACTERS = 1024;

const MB = 1024 * 1024;
type FileType = 'image' | 'video' | 'audio' | 'document';
/** What may be sent as what; everything else is a document. https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media */
const FILE_TYPES: readonly { type: FileType; contentTypes: readonly string[]; bytes: number }[] = [
  { type: 'image', contentTypes: ['image/jpeg', 'image/png'], bytes: 5 * MB },
  { type: 'video', contentTypes: ['video/mp4', 'video/3gpp'], bytes: 16 * MB },
  { type: 'audio', contentTypes: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'], bytes: 16 * MB },
];

/** How a file appears at the customer. */
export const fileTypeOf = ({ contentType, sizeBytes }: Pick<Attachment, 'contentType' | 'sizeBytes'>): FileType =>
  FILE_TYPES.find(({ contentTypes, bytes }) => contentTypes.includes(contentType) && sizeBytes <= bytes)?.type ?? 'document';

/** A file of the message, and the id under which Meta has it now. */
export type Uploaded = { file: Attachment; mediaId: string };

/** What is asked of `/messages`, call by call: the words, cut where they are too long; a file with the words where they fit beneath it; each further file alone. */
export function callsOf({ id, to, text, template }: Pick<Outbound, 'id' | 'to' | 'text' | 'template'>, files: readonly Uploaded[]): object[] {
  const head = { messaging_product: 'whatsapp', recipient_type: 'individual', ...recipient(to) };
  const bodies = template ? [templateBody(template)] : written(text, files);
  // What is told of the first call tells what became of the message, also where its answer was lost.
  return bodies.map((body, place) => ({ ...head, ...body, ...(place === 0 && { biz_opaque_callback_data: id }) }));
}

/** Whoever shows no number is reached by the business-scoped id. */
const recipient = ({ type, value }: Outbound['to']) => (type === 'bsuid' ? { recipient: value } : { to: value.replace(/\D/g, '') });

function written(text: string, files: readonly Uploaded[]): object[] {
  const [first, ...others] = files;
  const isCaption = first !== undefined && text !== '' && text.length <= CAPTION_CHARACTERS && fileTypeOf(first.file) !== 'audio';
  if (isCaption) return [fileBody(first, text), ...others.map((one) => fileBody(one))];
  const texts = piecesOf(text, TEXT_CHARACTERS, (one) => one.length).map((body) => ({ type: 'text', text: { body, preview_url: /https?:\/\//.test(body) } }));
  return [...texts, ...files.map((one) => fileBody(one))];
}

function fileBody({ file, mediaId }: Uploaded, caption?: string) {
  const type = fileTypeOf(file);
  return { type, [type]: { id: mediaId, ...(caption && { caption }), ...(type === 'document' && { filename: file.name }) } };
}

/** The variables fill the places of its text in their order. */
const templateBody = ({ name, language, variables }: MessageTemplate) => ({
  type: 'template',
  template: { name, language: { code: language }, ...(variables.length && { components: [{ type: 'body', parameters: variables.map((text) => ({ type: 'text', text })) }] }) },
});

/** The form by which a file is uploaded; the same file makes the same bytes. */
export function uploadForm({ id, name, contentType }: Pick<Attachment, 'id' | 'name' | 'contentType'>, bytes: Buffer): { contentType: string; body: Buffer } {
  const boundary = `parley-${id}`;
  const field = (title: string, value: string) => `--${boundary}\r\nContent-Disposition: form-data; name="${title}"\r\n\r\n${value}\r\n`;
  const filename = name.replace(/[^\x20-\x7e]|["\\]/g, '_');
  const head = `${field('messaging_product', 'whatsapp')}${field('type', contentType)}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\nContent-Type: ${contentType}\r\n\r\n`;
  return { contentType: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]) };
}
