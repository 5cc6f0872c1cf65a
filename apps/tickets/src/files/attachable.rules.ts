import { FILE_BYTES, MESSAGE_BYTES } from '@parley/contracts/attachments';
import type { ChannelType } from '@parley/contracts/channels';
import { ContractError } from '@parley/contracts/errors';

type Way = { mostBytes: number } | { reason: string };

/** How files leave by each channel (TKT-10): as parts of a mail, which servers of the world take up to so many bytes; as links in a chat. */
export const FILES = {
  webchat: { mostBytes: MESSAGE_BYTES },
  email: { mostBytes: FILE_BYTES },
  sms: { reason: 'Files cannot be sent by SMS' },
  instagram: { reason: 'Files cannot be sent by Instagram yet' },
  whatsapp: { reason: 'Files cannot be sent by WhatsApp yet' },
} as const satisfies Record<ChannelType, Way>;

/** @throws ContractError ATTACHMENTS_NOT_SUPPORTED, TOO_LARGE where these files cannot leave by this channel. */
export function refuseUnsendable(channel: ChannelType, files: readonly { sizeBytes: number }[]): void {
  if (!files.length) return;
  const way: Way = FILES[channel];
  if ('reason' in way) throw new ContractError('ATTACHMENTS_NOT_SUPPORTED', way.reason, { reason: 'channel' });
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (bytes > way.mostBytes) throw new ContractError('TOO_LARGE', `The files of one message may hold ${way.mostBytes} bytes by ${channel}, these hold ${bytes}`);
}
