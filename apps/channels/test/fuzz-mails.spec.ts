import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@parley/service/testing/rig';
import { BooksRepository } from '../src/books/books.repository.js';
import { ChannelsService } from '../src/channel/channels.service.js';
import { MailboxService } from '../src/email/mailbox.service.js';
import { type EmailDesk, emailDesk } from './email-desk.js';
import { Dice } from './fuzz/dice.js';
import { mutatedMail } from './fuzz/mutations.js';
import { StallWatch } from './fuzz/stall.js';

// MAIL-6: whatever comes as a mail is kept, read or quarantined, and stops nobody. About 30 seconds.
const SEED = Number(process.env['PARLEY_FUZZ_SEED'] ?? 20_261_120);
const MAILS = Number(process.env['PARLEY_FUZZ_MAILS'] ?? 3000);
const AT_ONCE = 16;
/** Every so many come by the SMTP door; the others are kept as they are, as a mail client would mend some of them. */
const BY_SMTP = 10;

const FOLDER = new URL('./fixtures/email/', import.meta.url);
const samples = readdirSync(FOLDER).filter((name) => name.endsWith('.eml')).map((name) => readFileSync(new URL(name, FOLDER)));

describe(`mails with anything in them (PARLEY_FUZZ_SEED=${SEED})`, () => {
  let desk: EmailDesk;
  beforeAll(async () => {
    desk = await emailDesk();
  });
  afterAll(() => desk?.close());

  const count = async (sql: string) => ((await desk.here.tx((tx) => tx.sql<{ n: number }>(sql)))[0]!).n;

  it(`MAIL-6 MAIL-1 OPS-6 ${MAILS} mutated mails: none is refused or lost, none stops the others, no stall of 200 ms`, async () => {
    const dice = new Dice(SEED);
    const [mailbox, channels] = [desk.here.app.get(MailboxService), desk.here.app.get(ChannelsService)];
    const channel = (await channels.byId(desk.here.account, desk.channel.id))!;
    const watch = new StallWatch();
    const under = new Set<Promise<void>>();
    const refused: unknown[] = [];
    for (let n = 0; n < MAILS; n++) {
      const raw = mutatedMail(dice.pick(samples), dice);
      const kept = n % BY_SMTP === 0 ? desk.deliver(raw) : mailbox.keep({ channel, sender: 'bounces@customer.example', recipient: desk.channel.forwardingAddress!, raw });
      const done: Promise<void> = kept.catch((error: unknown) => void refused.push(error)).finally(() => under.delete(done));
      under.add(done);
      if (under.size >= AT_ONCE) await Promise.race(under);
    }
    await Promise.all(under);
    await until(async () => ((await desk.here.db.query('SELECT count(*) AS n FROM mail_waiting')) as { n: number }[])[0]!.n === 0, 'all mails to be read', 3_000_000);
    const stalledMs = watch.stop();
    expect(refused).toEqual([]);
    expect(await count('SELECT count(*) AS n FROM raw_inbound')).toBe(MAILS);
    expect(stalledMs).toBeLessThan(200);
  }, 3_600_000);

  it('OPS-6 every mail stands for one line in the books, or is news of a mail of ours', async () => {
    const at = await desk.here.tx(async (tx) => tx.at);
    const span = { channelId: desk.channel.id, from: new Date(at.getTime() - 86_400_000), to: new Date(at.getTime() + 1000) };
    expect(await desk.here.tx((tx) => desk.here.app.get(BooksRepository).differences(tx, span))).toEqual({ missing: 0, surplus: 0, misnumbered: 0 });
    const lines = await count('SELECT (SELECT count(*) FROM inbound_message) + (SELECT count(*) FROM inbound_item) AS n');
    const news = await count('SELECT count(*) AS n FROM raw_inbound WHERE items = 0');
    expect(lines + news).toBe(MAILS);
    expect(await count('SELECT count(*) AS n FROM inbound_message')).toBeGreaterThan(MAILS / 4);
  });

  it('MAIL-6 those that could not be read wait in quarantine, each in a ticket that says so', async () => {
    const notices = await count(`SELECT count(*) AS n FROM inbound_message WHERE provider_message_id LIKE 'unread:%'`);
    expect(await count(`SELECT count(*) AS n FROM quarantine WHERE kind = 'mail' AND id IN (SELECT id FROM inbound_message)`)).toBe(notices);
  });

  it('MAIL-6 the next mail is read', async () => {
    const [message] = await desk.receive('From: Zoe <zoe@customer.example>\r\nSubject: After all that\r\nMessage-ID: <after@customer.example>\r\n\r\nStill there?');
    expect(message).toMatchObject({ text: 'Still there?', subject: 'After all that' });
  });
});
