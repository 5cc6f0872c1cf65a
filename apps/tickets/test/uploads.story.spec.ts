import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { files } from '@parley/contracts/attachments';
import { channelEvents } from '@parley/contracts/channels';
import { newId } from '@parley/service/ids';
import { Desk } from './desk.js';

// What becomes of files that a visitor has uploaded and sent with no message.
let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
});
afterAll(() => desk.rig.close());

const register = (sha: string) => desk.rig.ask(files.register, { name: 'shoe.png', contentType: 'image/png', sizeBytes: 70, sha256: sha.repeat(64) }, desk.rig.actor({ type: 'customer', id: newId() }));
const abandon = async (...fileIds: string[]) => {
  await desk.rig.say(channelEvents.uploadsAbandoned, { key: 'uploads', data: { fileIds } });
  await desk.rig.heard();
};
const forgotten = async () => (await desk.rig.facts('file.forgotten')).flatMap(({ data }) => data.sha256 as string[]);

it('PRO-6 they are forgotten with their bytes, unless the same bytes stand elsewhere or the file was sent', async () => {
  const [alone, twice, again, sent] = [await register('a'), await register('b'), await register('b'), await register('c')];
  await desk.customerWrites(desk.customer('webchat'), 'look', { attachments: [sent] });
  await abandon(alone.id, twice.id, sent.id, newId());
  expect(await forgotten()).toEqual(['a'.repeat(64)]);
  for (const { id } of [alone, twice]) await expect(desk.rig.ask(files.find, { id })).rejects.toMatchObject({ code: 'ATTACHMENT_NOT_FOUND' });
  expect([await desk.rig.ask(files.find, { id: again.id }), await desk.rig.ask(files.find, { id: sent.id })]).toMatchObject([again, { id: sent.id }]);
  await abandon(again.id);
  expect(await forgotten()).toEqual(['a'.repeat(64), 'b'.repeat(64)]);
});
