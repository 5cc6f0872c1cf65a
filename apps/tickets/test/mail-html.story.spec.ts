import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { files } from '@parley/contracts/attachments';
import { messages } from '@parley/contracts/messages';
import { newId } from '@parley/service/ids';
import { Desk } from './desk.js';

let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
});
afterAll(() => desk?.rig.close());

it('MAIL-5 a mail is shown with what is new, its own images by their files, and others held back until asked for', async () => {
  const image = { id: newId(), name: 'logo.png', contentType: 'image/png', sizeBytes: 70, inline: true, sha256: 'a'.repeat(64), contentId: 'logo@x' };
  const html = '<p onclick="x">Hi<img src="cid:logo@x"><img src="https://elsewhere.example/a.png"></p>';
  const { ticketId, inboundId: messageId } = await desk.customerWrites(desk.customer('email'), 'Hi\n> Old', { html, newText: 'Hi', attachments: [image] });
  const { items } = await desk.rig.ask(messages.list, { id: ticketId });
  expect(items[0]).toMatchObject({ text: 'Hi\n> Old', newText: 'Hi', html: `<p>Hi<img data-attachment="${image.id}" src="cid:logo@x" /><img data-remote="https://elsewhere.example/a.png" /></p>` });

  const gateway = desk.rig.actor({ scopes: ['internal'] });
  expect(await desk.rig.ask(files.remoteImage, { id: messageId, place: 0 }, gateway)).toEqual({ url: 'https://elsewhere.example/a.png' });
  await expect(desk.rig.ask(files.remoteImage, { id: messageId, place: 1 }, gateway)).rejects.toMatchObject({ code: 'IMAGE_NOT_AVAILABLE' });
  await expect(desk.rig.ask(files.remoteImage, { id: messageId, place: 0 }, desk.rig.actor({ account: newId(), scopes: ['internal'] }))).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
});
