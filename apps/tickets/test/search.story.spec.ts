import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Ask } from '@parley/contracts/contract';
import { messages } from '@parley/contracts/messages';
import { profiles } from '@parley/contracts/profiles';
import { search, type SearchHit } from '@parley/contracts/search';
import { newId } from '@parley/service/ids';
import { Desk } from './desk.js';

describe('search', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  const find = async (q: string, more: Partial<Ask<typeof search.find>> = {}, by = desk.me) => (await desk.rig.ask(search.find, { q, ...more }, by)).items;
  /** The queue is worked through. */
  const indexed = () => desk.rig.until(async () => (await desk.rig.tx((tx) => tx.sql('SELECT FROM search_work LIMIT 1'))).length === 0, 'everything to be findable');
  const says = async (text: string, more: { language?: string; subject?: string; name?: string } = {}) => {
    const customer = desk.customer('email', { subject: more.subject ?? 'My order', name: more.name ?? 'Mia' });
    const { ticketId } = await desk.customerWrites(customer, 'Hello');
    if (more.language) await desk.rig.tx((tx) => tx.sql('UPDATE ticket SET language = $2 WHERE id = $1', [ticketId, more.language]));
    const { inboundId } = await desk.customerWrites(customer, text);
    if (more.language) await desk.rig.tx((tx) => tx.sql('UPDATE message SET language = $2 WHERE id = $1', [inboundId, more.language]));
    return ticketId;
  };
  const where = (hits: SearchHit[]) => hits.map(({ foundIn, ticket }) => [foundIn, ticket.id]);

  it('TKT-18 messages, notes, subjects and customers are found', async () => {
    const message = await says('The kettle leaks');
    const subject = await says('See above', { subject: 'Broken teapot' });
    const customer = await says('Good day', { name: 'Rosalind Franklin' });
    await desk.rig.ask(messages.note, { id: message, text: 'Send her a new samovar' });
    await indexed();
    expect(where(await find('kettle'))).toEqual([['message', message]]);
    expect(where(await find('teapot'))).toEqual([['subject', subject]]);
    expect(where(await find('franklin'))).toEqual([['customer', customer]]);
    expect(where(await find('samovar'))).toEqual([['note', message]]);
    expect(await find('kettle samovar')).toEqual([]);
  });

  it('TKT-18 accents and case do not matter', async () => {
    const id = await says('Où est ma Théière ÉMAILLÉE?', { language: 'fr' });
    await indexed();
    for (const q of ['théière', 'THEIERE', 'theiere emaillee', 'Théieres']) expect(where(await find(q))).toEqual([['message', id]]);
  });

  it.each([
    ['en', 'I returned both parcels yesterday', 'returning a parcel'],
    ['de', 'Die Lieferungen sind beschädigt', 'beschädigte Lieferung'],
    ['es', 'Quiero devolver los zapatos', 'devolviendo zapato'],
    ['ja', 'qwerty42 yokohama', 'QWERTY42'],
  ])('TKT-18 a message in %s is found by other forms of its words', async (language, text, q) => {
    const id = await says(text, { language });
    await indexed();
    expect(where(await find(q))).toEqual([['message', id]]);
  });

  it('TKT-18 a phrase in quotes, and a word that must not stand there', async () => {
    const [one, other] = [await says('purple green lamp'), await says('green purple lamp')];
    await indexed();
    expect(where(await find('"green purple"'))).toEqual([['message', other]]);
    expect(where(await find('purple lamp'))).toEqual([['message', other], ['message', one]]);
    expect(await find('purple -lamp')).toEqual([]);
  });

  it('TKT-18 numbers, addresses and orders are exact hits and come first', async () => {
    const customer = desk.customer('sms', { from: [{ type: 'phone', value: '+4930123456', verified: true }] });
    const ticket = await desk.ticket('sms', customer);
    const mail = await desk.ticket('email');
    await desk.rig.tx((tx) => tx.sql(
      `INSERT INTO customer_event (id, account_id, profile_id, metric, at, properties, recorded_at) VALUES ($1, $2, $3, 'Placed Order', now(), '{"orderId": "A-7781", "value": 12}', now())`,
      [newId(), desk.rig.account, ticket.profile.id],
    ));
    const mention = await says(`Is ${ticket.number} mine? And A-7781, and +49 30 123456, or ${mail.customer.from[0]!.value}?`);
    await indexed();
    expect((await find(`#${ticket.number}`)).map(({ foundIn, exact, ticket: { id } }) => [foundIn, exact, id])[0]).toEqual(['ticket_number', true, ticket.id]);
    expect((await find('+49 (30) 123-456')).map(({ foundIn, exact, ticket: { id } }) => [foundIn, exact, id])[0]).toEqual(['phone', true, ticket.id]);
    const orders = await find('A-7781');
    expect(orders.map(({ foundIn, exact, ticket: { id } }) => [foundIn, exact, id])).toEqual([['order_number', true, ticket.id], ['message', false, mention]]);
    const address = await find(mail.customer.from[0]!.value.toUpperCase());
    expect(address.map(({ foundIn, exact, ticket: { id } }) => [foundIn, exact, id])).toEqual([['email', true, mail.id], ['message', false, mention]]);
  });

  it('TKT-18 what was found is marked, and nothing of the text is markup', async () => {
    await says('Before <b onclick="x()">the</b> giraffe & after', { language: 'en' });
    await indexed();
    const [hit] = await find('giraffes');
    expect(hit!.highlight).toContain('<mark>giraffe</mark> &amp; after');
    expect(hit!.highlight!.replaceAll(/<\/?mark>/g, '')).not.toMatch(/[<>"]/);
    expect(hit).toMatchObject({ seq: 2, exact: false, messageId: expect.any(String) });
  });

  it('TKT-18 pages neither skip nor repeat while more is written', async () => {
    const wanted: string[] = [];
    for (let n = 0; n < 9; n++) wanted.unshift(await says(`walrus ${n}`));
    await indexed();
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await desk.rig.ask(search.find, { q: 'walrus', limit: 2, cursor: cursor ?? undefined });
      seen.push(...page.items.map(({ ticket }) => ticket.id));
      cursor = page.nextCursor;
      await says('another walrus');
      await indexed();
    } while (cursor);
    expect(seen).toEqual(wanted);
    await expect(find('walrus', { cursor: 'eCd4' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('TKT-18 the newest hits come first however rare and however far back they are', async () => {
    const early = await says('platypus one');
    await indexed();
    await desk.rig.tx((tx) => tx.sql(`SELECT setval('search_number', nextval('search_number') + 50000)`));
    const middle = await says('platypus two');
    await indexed();
    await desk.rig.tx((tx) => tx.sql(`SELECT setval('search_number', nextval('search_number') + 600000)`));
    const late = await says('platypus three');
    await indexed();
    expect((await find('platypus')).map(({ ticket }) => ticket.id)).toEqual([late, middle, early]);
    expect((await find('platypus', { limit: 2 })).map(({ ticket }) => ticket.id)).toEqual([late, middle]);
  });

  it('TKT-18 another name or subject is found, and the former one no more', async () => {
    const id = await says('Hi', { name: 'Hedy Lamarr' });
    await indexed();
    const { profile } = await desk.look(id);
    await desk.rig.tx((tx) => tx.sql(`UPDATE profile SET name = 'Grace Hopper' WHERE id = $1`, [profile.id]));
    expect(await find('lamarr')).toEqual([]);
    await indexed();
    expect(where(await find('hopper'))).toEqual([['customer', id]]);
  });

  it('TKT-18 spam is not found', async () => {
    const id = await says('cheap rolexes');
    await indexed();
    expect(await find('rolexes')).toHaveLength(1);
    await desk.rig.tx((tx) => tx.sql('UPDATE ticket SET spam = true WHERE id = $1', [id]));
    expect(await find('rolexes')).toEqual([]);
  });

  it('ACC-1 nobody finds what another account holds', async () => {
    await says('mongoose secrets');
    await indexed();
    const { number, customer } = await desk.ticket('email');
    const stranger = desk.rig.actor({ account: newId(), id: newId() });
    for (const q of ['mongoose', String(number), customer.from[0]!.value]) expect(await find(q, {}, stranger)).toEqual([]);
    const seen = await desk.rig.tx((tx) => tx.sql('SELECT FROM search_document'), stranger);
    expect(seen).toEqual([]);
  });

  it('TKT-18 words are looked up in the index, whatever row-level security hides', async () => {
    const plan = await desk.rig.tx(async (tx) => {
      await tx.sql(`SELECT set_config('app.search', '''kettl''', true)`);
      return tx.sql<{ 'QUERY PLAN': string }>('EXPLAIN SELECT n FROM search_document WHERE account_id = $1 ORDER BY n + 0 DESC LIMIT 5', [desk.rig.account]);
    });
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Bitmap Index Scan on search_document_words[\s\S]*Index Cond: \(words @@ /);
  });

  it('PRO-5 what somebody blocked writes is not found', async () => {
    const { profile, customer } = await desk.ticket('sms');
    await desk.rig.ask(profiles.block, { id: profile.id });
    await desk.customerWrites(customer, 'pelican rage');
    await indexed();
    expect(await find('pelican')).toEqual([]);
  });
});
