import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AcceptedMessage, channels } from '@parley/contracts/channels';
import { messageEvents } from '@parley/contracts/messages';
import { quarantine } from '@parley/contracts/quarantine';
import { newId } from '@parley/service/ids';
import { noonAt } from '@parley/service/testing/noon';
import { type EmailDesk, emailDesk, fixture, mail, sentMessage, ticketSnapshot } from './email-desk.js';

describe('mails in quarantine', () => {
  let desk: EmailDesk;
  beforeAll(async () => {
    desk = await emailDesk();
  });
  afterAll(() => desk?.close());

  const id = () => desk.channel.id;
  const list = async () => (await desk.here.ask(quarantine.list, { id: id() })).items;
  const retry = (itemId: string) => desk.here.ask(quarantine.retry, { id: id(), itemId });
  const get = (itemId: string) => desk.here.ask(quarantine.get, { id: id(), itemId });
  const settles = (itemId: string, state: string) => desk.here.until(async () => (await get(itemId)).state === state && get(itemId), `the item to be ${state}`);
  /** While it lasts no reading of a mail comes to an end. */
  async function whileBroken<T>(work: () => Promise<T>): Promise<T> {
    await desk.here.db.query('ALTER TABLE mail_waiting ALTER starts SET DEFAULT 3');
    return work().finally(() => desk.here.db.query('ALTER TABLE mail_waiting ALTER starts SET DEFAULT 0'));
  }
  async function threaded(message: AcceptedMessage) {
    const ticketId = newId();
    const { message: sent } = sentMessage({ id: message.inboundId, ticketId, to: message, text: message.text });
    await desk.here.say(messageEvents.received, { key: ticketId, ticket: ticketId, data: { sessionId: null, ticket: ticketSnapshot(ticketId, message), message: { ...sent, direction: 'inbound', delivery: null } } });
    await desk.here.heard();
  }
  const books = async () => desk.here.ask(channels.books, { channelId: id(), ...noonAt(await desk.here.tx(async (tx) => tx.at)) });

  it('MAIL-6 OPS-6 a mail that could not be parsed waits in quarantine, counts as quarantined, and lands in its own ticket when it can be read', async () => {
    const [notice] = await whileBroken(() => desk.receive(mail({ 'Message-ID': '<late@customer.example>', Subject: 'A broken lamp' }, 'It does not shine')));
    await threaded(notice!);
    const [item] = await list();
    expect(item).toMatchObject({ id: notice!.inboundId, kind: 'mail', state: 'waiting', reason: expect.stringContaining('3 attempts') });
    expect((await get(item!.id)).bytes).toMatchObject({ method: 'SMTP', excerpt: expect.stringContaining('It does not shine') });
    expect((await books()).inbound).toMatchObject({ quarantined: 1, thread: 0 });

    await whileBroken(async () => {
      expect(await retry(item!.id)).toMatchObject({ state: 'retrying', attempts: 1 });
      await settles(item!.id, 'waiting');
    });
    expect(await list()).toHaveLength(1);
    expect(await desk.received()).toHaveLength(1);

    await retry(item!.id);
    expect(await settles(item!.id, 'settled')).toMatchObject({ resolution: 'landed', attempts: 2 });
    const [, message] = await desk.received();
    expect(message).toMatchObject({ text: 'It does not shine', subject: 'A broken lamp', threadId: notice!.threadId, note: null });
    await threaded(message!);
    expect((await books()).inbound).toMatchObject({ quarantined: 0, thread: 1, pending: 0 });
    expect((await books()).balanced).toBe(true);
    await expect(retry(item!.id)).rejects.toMatchObject({ code: 'RETRY_NOT_POSSIBLE' });
  });

  it('MAIL-6 what came again and was read meanwhile is a duplicate when it is retried', async () => {
    const raw = mail({ 'Message-ID': '<twice@customer.example>' }, 'Twice');
    await whileBroken(() => desk.receive(raw));
    const [item] = await list();
    await desk.receive(raw);
    await retry(item!.id);
    await settles(item!.id, 'settled');
    expect((await desk.received()).filter(({ text }) => text === 'Twice')).toHaveLength(1);
    expect(await desk.setAside()).toContainEqual({ outcome: 'duplicate', reason: null });
  });

  it('MAIL-6 a mail of which not even a note can be filed is put aside by its bytes alone, and the next of its sender is read', async () => {
    await desk.here.db.query('ALTER TABLE mail_waiting ALTER starts SET DEFAULT 6');
    await desk.receive(mail({ 'Message-ID': '<hopeless@customer.example>' }, 'Hopeless')).finally(() => desk.here.db.query('ALTER TABLE mail_waiting ALTER starts SET DEFAULT 0'));
    const [item] = await list();
    expect(item).toMatchObject({ kind: 'mail', reason: 'it could be neither read nor filed' });
    expect((await desk.receive(mail({ 'Message-ID': '<next@customer.example>' }, 'Next'))).map(({ text }) => text)).toEqual(['Next']);
    await retry(item!.id);
    await settles(item!.id, 'settled');
    expect((await desk.received()).at(-1)).toMatchObject({ text: 'Hopeless' });
  });

  it('MAIL-1 OPS-6 a mail that was set aside is there for an admin to read, and retried it is set aside again', async () => {
    await desk.receive(fixture('19-gmail-forwarding-confirmation'));
    const [item] = await list();
    expect(item).toMatchObject({ kind: 'mail', reason: expect.stringContaining('set-up') });
    expect((await get(item!.id)).bytes!.excerpt).toContain('google.com');
    await retry(item!.id);
    await settles(item!.id, 'settled');
    const [again] = await list();
    expect(again).toMatchObject({ reason: item!.reason, state: 'waiting' });
    expect((await desk.setAside()).filter(({ outcome }) => outcome === 'quarantined')).toHaveLength(1);
  });
});
