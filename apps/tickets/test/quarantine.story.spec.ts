import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { messages } from '@parley/contracts/messages';
import { quarantineEvents } from '@parley/contracts/quarantine';
import { Desk } from './desk.js';

describe('messages in quarantine', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.rig.close());

  const filed = async (inboundId: string) => (await desk.rig.facts('inbound.filed')).map(({ data }) => data as { inboundId: string; outcome: string; reason: string | null }).filter((one) => one.inboundId === inboundId);
  const texts = async (ticketId: string) => (await desk.rig.ask(messages.list, { id: ticketId })).items.map(({ text }) => text);
  async function askAgain(inboundId: string, channelId: string) {
    await desk.rig.say(quarantineEvents.retryAsked, { key: inboundId, data: { inboundId, channelId } });
    await desk.rig.heard();
  }

  it('OPS-6 a message that cannot be filed is told to the books, stops nobody else, and lands once when it is asked for again', async () => {
    const customer = desk.customer('sms');
    const { ticketId } = await desk.customerWrites(customer, 'before');
    await desk.rig.db.query(`CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.text = 'poison' THEN RAISE 'poisoned'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER poison BEFORE INSERT ON message FOR EACH ROW EXECUTE FUNCTION poison()`);
    const poison = await desk.message(customer, 'poison');
    await desk.arrive(poison);
    expect(await filed(poison.inboundId)).toEqual([{ inboundId: poison.inboundId, outcome: 'quarantined', reason: expect.stringContaining('poisoned') }]);
    await desk.customerWrites(customer, 'after');
    expect(await texts(ticketId)).toEqual(['before', 'after']);

    await desk.rig.db.query('DROP TRIGGER poison ON message; DROP FUNCTION poison()');
    for (let n = 0; n < 2; n++) await askAgain(poison.inboundId, customer.channelId);
    await desk.rig.until(async () => (await texts(ticketId)).includes('poison'), 'the message to be filed');
    expect(await texts(ticketId)).toEqual(['before', 'after', 'poison']);
    const received = (await desk.rig.facts('message.received')).filter(({ data }) => (data as { message: { id: string } }).message.id === poison.inboundId);
    expect(received).toHaveLength(1);
  });

  it('MAIL-4 OPS-6 an automatic answer to nothing is held again, and lands when its thread has come', async () => {
    const customer = desk.customer('email');
    const away = await desk.message(customer, 'I am away', { automatic: 'auto_reply' });
    await desk.arrive(away);
    await askAgain(away.inboundId, customer.channelId);
    expect((await filed(away.inboundId)).map(({ outcome }) => outcome)).toEqual(['quarantined', 'quarantined']);
    const { ticketId } = await desk.customerWrites(customer, 'The mail it belongs to');
    await askAgain(away.inboundId, customer.channelId);
    expect(await texts(ticketId)).toEqual(['The mail it belongs to', 'I am away']);
  });

  it('OPS-6 a message that stands in its thread is filed no second time', async () => {
    const customer = desk.customer('sms');
    const { ticketId, inboundId } = await desk.customerWrites(customer, 'once');
    await askAgain(inboundId, customer.channelId);
    expect(await texts(ticketId)).toEqual(['once']);
  });
});
