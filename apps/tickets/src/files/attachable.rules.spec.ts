import { describe, expect, it } from '@jest/globals';
import { ChannelType } from '@parley/contracts/channels';
import { FILES, refuseUnsendable } from './attachable.rules.js';

const MB = 1024 * 1024;
const file = (contentType: string, megabytes = 1) => ({ id: 'f', name: 'kettle', contentType, sizeBytes: megabytes * MB });
const refusal = (channel: ChannelType, ...files: ReturnType<typeof file>[]) => {
  try {
    refuseUnsendable(channel, files);
    return null;
  } catch (error) {
    const { code, more } = error as { code: string; more: { reason?: string } };
    return more.reason ?? code;
  }
};

describe('files by channel', () => {
  it.each<{ channel: ChannelType; type: string; mb: number; refused: string | null }>`
    rule        | channel        | type                          | mb      | refused
    ${'SMS-6'}  | ${'sms'}       | ${'image/jpeg'}               | ${5}    | ${null}
    ${'SMS-6'}  | ${'sms'}       | ${'image/jpeg'}               | ${5.01} | ${'size'}
    ${'SMS-6'}  | ${'sms'}       | ${'application/zip'}          | ${1}    | ${'type'}
    ${'TKT-10'} | ${'instagram'} | ${'image/png'}                | ${8}    | ${null}
    ${'TKT-10'} | ${'instagram'} | ${'image/png'}                | ${9}    | ${'size'}
    ${'TKT-10'} | ${'instagram'} | ${'application/pdf'}          | ${25}   | ${null}
    ${'TKT-10'} | ${'instagram'} | ${'image/webp'}               | ${1}    | ${'type'}
    ${'TKT-10'} | ${'whatsapp'}  | ${'application/octet-stream'} | ${25}   | ${null}
    ${'TKT-10'} | ${'email'}     | ${'application/zip'}          | ${25}   | ${null}
    ${'TKT-10'} | ${'webchat'}   | ${'application/zip'}          | ${25}   | ${null}
  `('$rule by $channel, $type of $mb MB: $refused', ({ channel, type, mb, refused }) => {
    expect(refusal(channel, file(type, mb))).toBe(refused);
  });

  it('SMS-6 TKT-10 more files than a channel takes, or more bytes together, are refused', () => {
    for (const channel of ChannelType.options) {
      const most = Array.from({ length: FILES[channel].mostFiles }, () => file('image/png', 0.1));
      expect([refusal(channel, ...most), refusal(channel, ...most, file('image/png', 0.1))]).toEqual([null, 'count']);
    }
    expect(refusal('sms', file('image/png', 3), file('image/png', 3))).toBe('TOO_LARGE');
    expect(refusal('email', file('image/png', 20), file('image/png', 6))).toBe('TOO_LARGE');
  });

  it('TKT-10 a refusal names the file and what would be taken', () => {
    expect(() => refuseUnsendable('instagram', [file('image/webp')])).toThrow(/kettle is image\/webp/);
    try {
      refuseUnsendable('instagram', [file('image/png', 9)]);
    } catch (error) {
      expect((error as { more: object }).more).toEqual({ reason: 'size', fileId: 'f', mostBytes: 8 * MB });
    }
  });
});
