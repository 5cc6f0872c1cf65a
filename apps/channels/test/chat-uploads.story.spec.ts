import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Attachment } from '@parley/contracts/channels';
import { holder } from '@parley/contracts/privacy';
import { messageEvents } from '@parley/contracts/messages';
import { WAITING_FILES, webchat } from '@parley/contracts/webchat';
import { newId } from '@parley/service/ids';
import { UploadsService } from '../src/webchat/uploads.service.js';
import { type Visitor, type WebchatDesk, webchatDesk } from './webchat-desk.js';

// Files that visitors send. The gateway takes the bytes; what is known here is who may send which.
let desk: WebchatDesk;
beforeAll(async () => {
  desk = await webchatDesk();
});
afterAll(() => desk.here.close());

const file = (more: Partial<Attachment> = {}) => ({ id: newId(), name: 'shoe.png', contentType: 'image/png', sizeBytes: 70, inline: false, sha256: 'a'.repeat(64), ...more });
const upload = async ({ by }: Visitor, one = file()) => {
  await desk.here.ask(webchat.keepFile, { file: one }, by);
  return one;
};
const find = ({ by, sessionId }: Visitor, attachmentId: string) => desk.here.ask(webchat.file, { sessionId, attachmentId }, by);
const of = async ({ sessionId }: Visitor) => (await desk.received()).filter((one) => one.sessionId === sessionId);
const missing = { code: 'ATTACHMENT_NOT_FOUND' };

describe('files of a visitor', () => {
  it('TKT-10 CHAT-6 stand with their message, in order, with or without words, and both sides can read them', async () => {
    const visitor = await desk.visitor();
    const [first, second] = [await upload(visitor), await upload(visitor, file({ name: 'bill.pdf', contentType: 'application/pdf', sha256: 'b'.repeat(64) }))];
    expect(await find(visitor, first.id)).toEqual(first);
    const sent = await visitor.write(undefined, 'c-1', [second.id, first.id]);
    expect((await of(visitor)).map(({ text, attachments }) => ({ text, attachments }))).toEqual([{ text: '', attachments: [second, first] }]);
    expect(await visitor.write(undefined, 'c-1', [second.id, first.id])).toEqual(sent);
    await expect(visitor.write('again', 'c-2', [first.id])).rejects.toMatchObject(missing);
    expect(await of(visitor)).toHaveLength(1);
    await expect(visitor.write(undefined, 'c-3')).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(visitor.write('many', 'c-4', Array.from({ length: 6 }, newId))).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('ACC-1 belong to the chat they were uploaded in: another visitor can neither send nor read them', async () => {
    const [mine, other] = [await desk.visitor(), await desk.visitor()];
    const { id } = await upload(mine);
    await expect(other.write('look', 'c-1', [id])).rejects.toMatchObject(missing);
    await expect(find(other, id)).rejects.toMatchObject(missing);
    expect(await of(other)).toEqual([]);
    await mine.write('look', 'c-1', [id]);
  });

  it('CHAT-7 cannot be read when the chat is over; the visitor who ended it uploads no more', async () => {
    const visitor = await desk.visitor();
    const { id } = await upload(visitor);
    await visitor.end();
    await expect(find(visitor, id)).rejects.toMatchObject(missing);
    await expect(upload(visitor)).rejects.toMatchObject({ code: 'CHAT_CLOSED' });
  });

  it('settled 5 go with their message into the chat that begins where the brand has closed this one', async () => {
    const visitor = await desk.visitor();
    const ticketId = newId();
    const question = await desk.file((await visitor.write('hello?')).id, ticketId, 1);
    const [early, late, waiting] = [await upload(visitor), await upload(visitor), await upload(visitor)];
    const crossed = await visitor.write('see here', 'c-2', [early.id]);
    await desk.here.say(messageEvents.filed, { key: ticketId, ticket: ticketId, data: { inboundId: crossed.id, outcome: 'refused', reason: 'closed' } });
    await desk.closeTicket(question, ticketId);
    await desk.here.heard();
    expect((await desk.received()).filter(({ inboundId }) => inboundId === crossed.id).map(({ attachments }) => attachments)).toEqual([[early], [early]]);
    await visitor.again();
    await visitor.write('and here', 'c-3', [late.id]);
    expect(await find(visitor, waiting.id)).toEqual(waiting);
    expect((await of(visitor)).map(({ attachments }) => attachments.map(({ id }) => id))).toEqual([[early.id], [late.id]]);
  });

  it('TKT-10 are so many that wait, and those that nobody has sent within a day are given up, once', async () => {
    const visitor = await desk.visitor();
    const waiting: string[] = [];
    for (let n = 0; n < WAITING_FILES; n++) waiting.push((await upload(visitor)).id);
    await expect(upload(visitor)).rejects.toMatchObject({ code: 'TOO_MANY' });
    const uploads = desk.here.app.get(UploadsService, { strict: false });
    const given = async () => (await desk.here.facts('chat.uploads_abandoned')).flatMap(({ data }) => data.fileIds as string[]);
    await uploads.abandon();
    expect(await given()).toEqual([]);
    await desk.here.advance(23 * 3600 + 1);
    await expect(visitor.write('late', 'c-0', [waiting[0]!])).rejects.toMatchObject(missing);
    await desk.here.advance(2 * 3600);
    await Promise.all([uploads.abandon(), uploads.abandon()]);
    expect((await given()).filter((id) => waiting.includes(id)).sort()).toEqual(waiting.sort());
    await expect(visitor.write('late', 'c-1', [waiting[0]!])).rejects.toMatchObject(missing);
    await upload(visitor);
  });
});

it('PRO-6 an erasure gives up at once what the person never sent, also in a chat that has no ticket', async () => {
  const visitor = await desk.visitor({ sub: 'to-be-erased' });
  const { id } = await upload(visitor);
  const person = { profileIds: [newId()], ticketIds: [], sessionIds: [], threadIds: [], messageIds: [], identifiers: [{ type: 'visitor' as const, value: 'to-be-erased' }], files: [] };
  expect(await desk.here.ask(holder('channels').erase, { erasureId: newId(), person })).toEqual({ done: true });
  const given = (await desk.here.facts('chat.uploads_abandoned')).flatMap(({ data }) => data.fileIds as string[]);
  expect(given).toContain(id);
  expect(await desk.here.tx((tx) => tx.sql('SELECT 1 FROM chat_upload WHERE id = $1', [id]))).toEqual([]);
});

it('CHAT-2 one visitor starts so many chats a minute, and holds so many tokens', async () => {
  const token = await desk.token({ sub: newId() });
  const started: string[] = [];
  for (let n = 0; n < 30; n++) started.push((await desk.start(token)).sessionToken);
  await expect(desk.start(token)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  for (let minute = 0; minute < 3; minute++) {
    await desk.here.advance(61);
    for (let n = 0; n < 25; n++) await desk.start(token);
  }
  await expect(desk.here.ask(webchat.authenticate, { sessionToken: started[0]! })).rejects.toMatchObject({ code: 'SESSION_REVOKED' });
  expect(await desk.here.ask(webchat.authenticate, { sessionToken: started[29]! })).toMatchObject({ open: true });
});
