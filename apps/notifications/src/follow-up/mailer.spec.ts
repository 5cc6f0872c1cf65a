import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openMailbox, type Mailbox } from '../../test/mailbox.js';
import { aFollowUp } from '../../test/outpost.js';
import { followUpMail, type Brand } from './follow-up-mail.rules.js';
import { Mailer } from './mailer.js';

const brand: Brand = { name: 'Nordwind', senderEmail: 'help@shop.example', logoUrl: null, brandColor: null, accentColor: null, privacyUrl: null, termsUrl: null, version: 1 };
let mailbox: Mailbox;
let mailer: Mailer;
beforeAll(async () => {
  mailbox = await openMailbox();
  mailer = new Mailer(mailbox.url);
});
afterAll(async () => {
  mailer.close();
  await mailbox.close();
});

it('TIME-2 whatever names and texts hold, the mail has the same one sender and one recipient', async () => {
  const piece = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\r\nBcc: eve@evil.example', '\nTo: eve@evil.example', '<eve@evil.example>,', '"', '\\', '=?utf-8?q?x?=', '\r\n.\r\n', '\0', 'x'.repeat(2000)));
  const wild = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
  await fc.assert(
    fc.asyncProperty(wild, wild, wild, async (name, account, text) => {
      const mail = followUpMail(aFollowUp({ to: { email: 'kim@customer.example', name }, recap: [{ author: 'agent', name, text, at: '2026-03-01T09:00:00.000Z' }] }), { ...brand, name: account }, null)!;
      mailbox.received.length = 0;
      expect(await mailer.send(mail)).toEqual({ kind: 'sent' });
      const [{ from, to, mail: parsed }] = mailbox.received as [(typeof mailbox.received)[0]];
      const addresses = [parsed.from, parsed.to, parsed.cc, parsed.bcc, parsed.replyTo].map((header) => [header ?? []].flat().flatMap(({ value }) => value.map(({ address }) => address)));
      expect({ from, to, addresses }).toEqual({ from: 'help@shop.example', to: ['kim@customer.example'], addresses: [['help@shop.example'], ['kim@customer.example'], [], [], []] });
      expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
    }),
    { numRuns: 40 },
  );
});

it('without a mail server it says so; a server that is not there may come back', async () => {
  const mail = followUpMail(aFollowUp(), brand, null)!;
  expect(await new Mailer(undefined).send(mail)).toMatchObject({ kind: 'failed', reason: expect.stringContaining('configured') });
  expect(await new Mailer('smtp://127.0.0.1:1').send(mail)).toMatchObject({ kind: 'again' });
});
