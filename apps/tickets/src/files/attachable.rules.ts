import { FILE_BYTES, FILES_PER_MESSAGE, MESSAGE_BYTES } from '@parley/contracts/attachments';
import type { ChannelType } from '@parley/contracts/channels';
import { ContractError } from '@parley/contracts/errors';

const MB = 1024 * 1024;

/** Types that a channel takes, and how many bytes one of them may hold. */
type Kind = { types: readonly string[]; mostBytes: number };
/** How files leave: how many and how many bytes together, and where not everything is taken, what. */
type Way = { mostFiles: number; mostBytes: number; kinds?: readonly Kind[] };

/**
 * How files leave by each channel (TKT-10): as parts of a mail, which servers of the world take up to so many bytes; as links in a chat; by phone
 * networks (MMS) and Meta only what these take. WhatsApp shows what is no picture, video or sound as a document.
 */
export const FILES = {
  webchat: { mostFiles: FILES_PER_MESSAGE, mostBytes: MESSAGE_BYTES },
  email: { mostFiles: FILES_PER_MESSAGE, mostBytes: FILE_BYTES },
  sms: {
    mostFiles: 10,
    mostBytes: 5 * MB,
    kinds: [
      { types: ['image/jpeg', 'image/png', 'image/gif'], mostBytes: 5 * MB },
      { types: ['video/mp4', 'video/3gpp', 'video/quicktime'], mostBytes: 5 * MB },
      { types: ['audio/mpeg', 'audio/mp4', 'audio/x-m4a', 'audio/aac', 'audio/amr', 'audio/ogg'], mostBytes: 5 * MB },
      { types: ['application/pdf', 'text/vcard', 'text/calendar', 'text/csv'], mostBytes: 5 * MB },
    ],
  },
  instagram: {
    mostFiles: 10,
    mostBytes: MESSAGE_BYTES,
    kinds: [
      { types: ['image/jpeg', 'image/png', 'image/gif'], mostBytes: 8 * MB },
      { types: ['video/mp4', 'video/ogg', 'video/x-msvideo', 'video/quicktime', 'video/webm'], mostBytes: FILE_BYTES },
      { types: ['audio/aac', 'audio/mp4', 'audio/wav', 'audio/x-m4a'], mostBytes: FILE_BYTES },
      { types: ['application/pdf'], mostBytes: FILE_BYTES },
    ],
  },
  whatsapp: { mostFiles: FILES_PER_MESSAGE, mostBytes: MESSAGE_BYTES },
} as const satisfies Record<ChannelType, Way>;

type Sendable = { id: string; name: string; contentType: string; sizeBytes: number };

/** @throws ContractError ATTACHMENTS_NOT_SUPPORTED with `reason` (count, type, size) and the file, TOO_LARGE where these files cannot leave by this channel together. */
export function refuseUnsendable(channel: ChannelType, files: readonly Sendable[]): void {
  const way: Way = FILES[channel];
  if (files.length > way.mostFiles) throw unsendable('count', `A message by ${channel} may hold ${way.mostFiles} files, this one holds ${files.length}`);
  for (const file of files) refuseOne(channel, way, file);
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (bytes > way.mostBytes) throw new ContractError('TOO_LARGE', `The files of one message may hold ${way.mostBytes} bytes by ${channel}, these hold ${bytes}`);
}

function refuseOne(channel: ChannelType, { kinds }: Way, { id, name, contentType, sizeBytes }: Sendable): void {
  if (!kinds) return;
  const kind = kinds.find(({ types }) => types.includes(contentType));
  if (!kind) throw unsendable('type', `${name} is ${contentType}, which cannot be sent by ${channel}`, { fileId: id, allowed: kinds.flatMap(({ types }) => types) });
  if (sizeBytes > kind.mostBytes) throw unsendable('size', `${name} holds ${sizeBytes} bytes; by ${channel}, ${contentType} may hold ${kind.mostBytes}`, { fileId: id, mostBytes: kind.mostBytes });
}

const unsendable = (reason: 'count' | 'type' | 'size', message: string, more: object = {}) => new ContractError('ATTACHMENTS_NOT_SUPPORTED', message, { reason, ...more });
