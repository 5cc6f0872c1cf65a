import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Attachment, channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import { FileStore } from '@parley/service/files';
import { FileLinks } from '@parley/service/links';
import { newId } from '@parley/service/ids';
import { OutgoingFilesService } from '../src/outbound/outgoing-files.service.js';
import { MediaHost } from './media-host.js';
import { AUTH_TOKEN, PUBLIC_URL, type SmsDesk, smsDesk } from './sms-desk.js';

type Fetched = Data<typeof channelEvents.mediaFetched>;
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=', 'base64');
const BASIC = `Basic ${Buffer.from(`ACtest:${AUTH_TOKEN}`).toString('base64')}`;

describe('files by SMS', () => {
  let host: MediaHost;
  let desk: SmsDesk;
  beforeAll(async () => {
    host = await new MediaHost().start();
    desk = await smsDesk({}, { PARLEY_TWILIO_BASE_URL: host.url });
  });
  afterAll(async () => {
    await desk?.close();
    host?.stop();
  });
  const fetched = async (inboundId: string): Promise<Attachment[]> =>
    (await desk.here.facts('channel.media_fetched')).map(({ data }) => data as Fetched).filter(({ messageId }) => messageId === inboundId).map(({ attachment }) => attachment);

  it('SMS-6 the password goes to the API alone, not on to the storage it leads to; what is stored here is deleted there', async () => {
    const media = '/2010-04-01/Accounts/ACtest/Messages/MM1/Media/ME1';
    const url = host.put(media, { status: 307, headers: { location: '/storage/ME1?signed=1' } }, { status: 204 });
    host.put('/storage/ME1?signed=1', { status: 200, headers: { 'content-type': 'binary/octet-stream' }, body: PNG });
    await desk.post(desk.text('Look', { NumMedia: '1', MediaUrl0: url, MediaContentType0: 'image/jpeg' }));
    const message = (await desk.received()).at(-1)!;
    expect(message.attachments).toMatchObject([{ name: 'ME1', fetch: 'pending' }]);
    const [file] = await desk.here.until(async () => ((await fetched(message.inboundId)).length ? fetched(message.inboundId) : undefined), 'the file');
    expect(file).toMatchObject({ name: 'ME1.png', contentType: 'image/png', sizeBytes: PNG.length });
    expect((await buffer((await desk.here.app.get(FileStore).read(desk.here.account, file!.sha256!))!)).equals(PNG)).toBe(true);
    await desk.here.until(() => host.asked.some(({ method }) => method === 'DELETE'), 'the file to be deleted at the provider');
    expect(host.asked).toEqual([
      { method: 'GET', path: media, authorization: BASIC },
      { method: 'GET', path: '/storage/ME1?signed=1', authorization: undefined },
      { method: 'DELETE', path: media, authorization: BASIC },
    ]);
    await desk.here.until(async () => (await desk.here.db.query('SELECT 1 FROM media_waiting')).length === 0, 'nothing to be left');
  });

  it('SMS-6 security 8 a file that is not at Twilio is not asked for, and nobody else gets the password', async () => {
    const before = host.asked.length;
    const stranger = await new MediaHost().start();
    await desk.post(desk.text('Look', { NumMedia: '1', MediaUrl0: stranger.put('/ME2', { status: 200, body: PNG }), MediaContentType0: 'image/jpeg' }));
    const message = (await desk.received()).at(-1)!;
    const [file] = await desk.here.until(async () => ((await fetched(message.inboundId)).length ? fetched(message.inboundId) : undefined), 'the problem');
    expect(file).toMatchObject({ fetch: 'failed', problem: 'The file is not at Twilio' });
    expect([stranger.asked, host.asked.length]).toEqual([[], before]);
    stranger.stop();
  });

  it('SMS-6 META-4 the link that a provider gets for a file of ours is the gateway’s, for that file, and ends', async () => {
    const file = { id: newId(), name: 'a.png', contentType: 'image/png', sizeBytes: 1, inline: false };
    const url = new URL(await desk.here.app.get(OutgoingFilesService).of({ id: desk.channel.id, account: desk.here.account }).link(file));
    expect([url.origin, url.pathname]).toEqual([PUBLIC_URL, `/v1/media/${file.id}`]);
    const bearer = await new FileLinks(desk.here.env['PARLEY_SECRET_KEY']!).open(url.searchParams.get('token')!);
    expect(bearer).toEqual({ file: file.id, account: desk.here.account, kind: 'provider', holder: desk.channel.id });
  });
});
