import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AcceptedMessage, Attachment } from '@parley/contracts/channels';
import { messageEvents } from '@parley/contracts/messages';
import { webchat } from '@parley/contracts/webchat';
import { FileStore } from '@parley/service/files';
import { newId } from '@parley/service/ids';
import { FileLinks } from '@parley/service/links';
import { type EmailDesk, emailDesk, fixture, sentMessage } from './email-desk.js';
import { type WebchatDesk, webchatDesk } from './webchat-desk.js';

const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');
const part = (name: string, type: string, body: string) => `--RR\r\nContent-Type: ${type}\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(body).toString('base64')}\r\n`;
const mail = (id: string, ...parts: string[]) =>
  `From: Ada <ada@customer.example>\r\nTo: support@parley.example\r\nSubject: Files\r\nMessage-ID: <${id}@customer.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="RR"\r\n\r\n--RR\r\nContent-Type: text/plain\r\n\r\nSee these\r\n${parts.join('')}--RR--\r\n`;

describe('files by mail', () => {
  let desk: EmailDesk;
  beforeAll(async () => {
    desk = await emailDesk();
  });
  afterAll(() => desk.close());
  const store = () => desk.here.app.get(FileStore);
  const bytesOf = async (file: Attachment) => (await buffer((await store().read(desk.here.account, file.sha256!))!)).toString();

  it('MAIL-5 TKT-9 an inline picture of a mail stands in the file store, and its HTML says which', async () => {
    const [message] = await desk.receive(fixture('20-cid-inline-image'));
    const [file] = message!.attachments;
    expect(file).toMatchObject({ name: 'logo.png', contentType: 'image/png', sizeBytes: 70, inline: true, contentId: 'logo-1@customer.example', sha256: createHash('sha256').update(PICTURE).digest('hex') });
    expect(message!.html).toContain('cid:logo-1@customer.example');
    expect((await buffer((await store().read(desk.here.account, file!.sha256!))!)).equals(PICTURE)).toBe(true);
    expect(await store().read(newId(), file!.sha256!)).toBeNull();
  });

  it('MAIL-5 META-4 files of a mail are named harmlessly and typed by their content', async () => {
    const [message] = await desk.receive(mail('names', part('../../etc/passwd.png', 'image/png', '<script>alert(1)</script>'), part('a\u202egpj.exe', 'text/plain', 'words'), part('', 'text/calendar', 'BEGIN:VCALENDAR')));
    expect(message!.attachments).toMatchObject([
      { name: 'passwd.png', contentType: 'application/octet-stream' }, { name: 'agpj.exe', contentType: 'text/plain' }, { name: 'text.calendar', contentType: 'text/calendar' },
    ]);
    expect(await bytesOf(message!.attachments[0]!)).toBe('<script>alert(1)</script>');
  });

  it('MAIL-7 TKT-10 a reply takes its files along, as parts of the mail', async () => {
    const [question] = await desk.receive(mail('ask'));
    const { sha256, sizeBytes } = await store().put(desk.here.account, [PICTURE], 1000);
    const sent = await answer(question!, [{ id: newId(), name: 'Grüße\r\nBcc: x.png', contentType: 'image/png', sizeBytes, inline: false, sha256 }]);
    expect(sent.raw).toMatch(/Content-Type: multipart\/mixed/);
    expect(sent.raw).toMatch(/Content-Disposition: attachment/);
    expect(sent.raw).not.toMatch(/^Bcc:/im);
    expect(sent.raw.replace(/\r\n/g, '')).toContain(PICTURE.toString('base64'));
    expect(sent.raw).toContain('multipart/alternative');
  });

  it('TKT-8 a reply whose file is gone fails, and says so; nothing leaves', async () => {
    const [question] = await desk.receive(mail('gone'));
    const before = desk.outside.posted.length;
    const [id, ticketId] = [newId(), newId()];
    const message = sentMessage({ id, ticketId, to: question!, text: 'See this' });
    message.message.attachments = [{ id: newId(), name: 'x', contentType: 'image/png', sizeBytes: 1, inline: false, sha256: 'a'.repeat(64) }] as never;
    await desk.here.say(messageEvents.sent, { key: ticketId, ticket: ticketId, data: message });
    await desk.here.until(async () => (await desk.states(id)).length > 0, 'the state');
    expect(await desk.states(id)).toMatchObject([{ state: 'failed', failure: { code: 'file_gone' } }]);
    expect(desk.outside.posted).toHaveLength(before);
  });

  async function answer(to: AcceptedMessage, attachments: Attachment[]) {
    const [id, ticketId] = [newId(), newId()];
    const before = desk.outside.posted.length;
    const data = sentMessage({ id, ticketId, to, text: 'See this' });
    data.message.attachments = attachments as never;
    await desk.here.say(messageEvents.sent, { key: ticketId, ticket: ticketId, data });
    return desk.here.until(() => desk.outside.posted[before], 'the answer to leave');
  }
});

describe('files in a chat', () => {
  let desk: WebchatDesk;
  beforeAll(async () => {
    desk = await webchatDesk();
  });
  afterAll(() => desk.here.close());
  const file = () => ({ id: newId(), name: 'label.pdf', contentType: 'application/pdf', sizeBytes: 3, inline: false, sha256: 'b'.repeat(64) });

  async function withFile() {
    const visitor = await desk.visitor();
    const ticketId = newId();
    const question = await desk.file((await visitor.write('Where is my label?')).id, ticketId, 1);
    const attachment = file();
    const data = sentMessage({ id: newId(), ticketId, to: question, text: 'Here', seq: 2 });
    data.message.attachments = [attachment] as never;
    await desk.here.say(messageEvents.sent, { key: ticketId, ticket: ticketId, data });
    await desk.here.heard();
    return { visitor, attachment };
  }

  it('TKT-10 an answer shows its files as links of this chat alone, on the socket and in the thread', async () => {
    const { visitor, attachment } = await withFile();
    const [shown] = (await visitor.thread()).items[1]!.attachments;
    expect(shown).toMatchObject({ id: attachment.id, name: 'label.pdf', contentType: 'application/pdf', sizeBytes: 3 });
    expect(Object.keys(shown!)).not.toContain('sha256');
    const token = new URL(shown!.url).searchParams.get('token')!;
    expect(await new FileLinks(desk.here.env['PARLEY_SECRET_KEY']!).open(token)).toEqual({ file: attachment.id, account: desk.here.account, kind: 'chat', holder: visitor.sessionId });
    await desk.here.until(() => visitor.hints.find((hint) => hint.kind === 'messages' && hint.items.some(({ attachments }) => attachments[0]?.id === attachment.id)), 'the hint');
  });

  it('CHAT-7 a file is there while the chat is open, for its visitor alone', async () => {
    const { visitor, attachment } = await withFile();
    const other = await desk.visitor();
    const ask = (sessionId: string, attachmentId = attachment.id) => desk.here.ask(webchat.file, { sessionId, attachmentId }, visitor.by);
    expect(await ask(visitor.sessionId)).toMatchObject({ id: attachment.id, sha256: attachment.sha256 });
    await expect(ask(other.sessionId)).rejects.toMatchObject({ code: 'ATTACHMENT_NOT_FOUND' });
    await expect(ask(visitor.sessionId, newId())).rejects.toMatchObject({ code: 'ATTACHMENT_NOT_FOUND' });
    await expect(desk.here.ask(webchat.file, { sessionId: visitor.sessionId, attachmentId: attachment.id }, { ...visitor.by, account: newId() })).rejects.toMatchObject({ code: 'ATTACHMENT_NOT_FOUND' });
    await visitor.end();
    await expect(ask(visitor.sessionId)).rejects.toMatchObject({ code: 'ATTACHMENT_NOT_FOUND' });
  });
});
