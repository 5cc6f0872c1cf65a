import type { Attachment } from '@parley/contracts/channels';
import { piecesOf } from '../meta/pieces.rules.js';

const TEXT_BYTES = 1000;
const MB = 1024 * 1024;

type FileType = 'image' | 'video' | 'audio' | 'file';
/** What may be sent; of files, PDFs alone. https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api */
const FILE_TYPES: readonly { type: FileType; contentTypes: readonly string[]; bytes: number }[] = [
  { type: 'image', contentTypes: ['image/jpeg', 'image/png', 'image/gif'], bytes: 8 * MB },
  { type: 'video', contentTypes: ['video/mp4', 'video/ogg', 'video/x-msvideo', 'video/quicktime', 'video/webm'], bytes: 25 * MB },
  { type: 'audio', contentTypes: ['audio/aac', 'audio/mp4', 'audio/wav', 'audio/x-m4a'], bytes: 25 * MB },
  { type: 'file', contentTypes: ['application/pdf'], bytes: 25 * MB },
];

/** As what Instagram takes a file; null: not at all. */
export const fileTypeOf = ({ contentType, sizeBytes }: Pick<Attachment, 'contentType' | 'sizeBytes'>): FileType | null =>
  FILE_TYPES.find(({ contentTypes, bytes }) => contentTypes.includes(contentType) && sizeBytes <= bytes)?.type ?? null;

/** The words in pieces that Instagram takes. */
export const textsOf = (text: string): string[] => piecesOf(text, TEXT_BYTES, Buffer.byteLength);

/** One message each, call by call: words and files never go together. */
export const messagesOf = (text: string, files: readonly { type: FileType; url: string }[]): object[] => [
  ...textsOf(text).map((one) => ({ text: one })),
  ...files.map(({ type, url }) => ({ attachment: { type, payload: { url } } })),
];
