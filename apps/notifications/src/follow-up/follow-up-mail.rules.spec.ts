import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aFollowUp } from '../../test/outpost.js';
import { addressesOf, followUpMail, linkTo, type Brand } from './follow-up-mail.rules.js';
import { LANGUAGES } from './words.rules.js';

const brand: Brand = {
  name: 'Nordwind', senderEmail: 'help@shop.example', logoUrl: 'https://shop.example/logo.png', brandColor: '#0a5c36', accentColor: '#ffdd00',
  privacyUrl: 'https://shop.example/privacy', termsUrl: 'https://shop.example/terms', version: 1,
};
const link = 'https://shop.example/help?parley_chat=a.b';
const mailOf = (request: Parameters<typeof aFollowUp>[0] = {}, changes: Partial<Brand> = {}, to: string | null = link) => followUpMail(aFollowUp(request), { ...brand, ...changes }, to)!;

it.each`
  locale     | subject
  ${'en'}    | ${'You have a new message from Nordwind'}
  ${'en-GB'} | ${'You have a new message from Nordwind'}
  ${'de-AT'} | ${'Sie haben eine neue Nachricht von Nordwind'}
  ${'fr'}    | ${'Vous avez un nouveau message de Nordwind'}
  ${'nl'}    | ${'Je hebt een nieuw bericht van Nordwind'}
  ${'sv'}    | ${'Du har ett nytt meddelande från Nordwind'}
  ${'pt-BR'} | ${'Tem uma nova mensagem de Nordwind'}
  ${'es'}    | ${'Tienes un nuevo mensaje de Nordwind'}
  ${'ja'}    | ${'You have a new message from Nordwind'}
`('TIME-2 the subject in $locale: $subject', ({ locale, subject }) => {
  expect(mailOf({ locale }).subject).toBe(subject);
});

it('TIME-2 in every language everything is said, and names the brand', () => {
  for (const locale of LANGUAGES) {
    const { subject, html, text } = mailOf({ locale });
    for (const part of [subject, html, text]) expect(part).not.toMatch(/undefined|\{account\}/);
    for (const part of [subject, html, text]) expect(part).toContain('Nordwind');
    expect(html).toContain(`<html lang="${locale}">`);
  }
});

it('TIME-2 logo, brand colours, recap, button, privacy and terms are in it; the text part says the same', () => {
  const { html, text } = mailOf();
  for (const part of ['src="https://shop.example/logo.png"', 'background:#0a5c36', 'background:#ffdd00', 'Where is my order?', 'On its way.', `href="${link}"`, 'href="https://shop.example/privacy"', 'href="https://shop.example/terms"']) expect(html).toContain(part);
  for (const part of ['You:\nWhere is my order?', 'Anna:\nOn its way.', link, 'https://shop.example/privacy', 'https://shop.example/terms']) expect(text).toContain(part);
});

it('TIME-2 what the brand has not given is left out', () => {
  const { html, text } = mailOf({}, { logoUrl: null, privacyUrl: null, termsUrl: null, brandColor: null, accentColor: null }, null);
  expect(html).not.toMatch(/<img|<a |null|undefined/);
  expect(text).not.toMatch(/https?:|null|undefined/);
});

it('TIME-2 it says that it was made by a machine', () => {
  expect(mailOf().headers).toEqual({ 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' });
});

it('TIME-1 the sender is the one of the settings, else the support address; without both there is no mail', () => {
  expect(mailOf({ from: 'chat@shop.example', replyTo: 'desk@shop.example' })).toMatchObject({ from: { name: 'Nordwind', address: 'chat@shop.example' }, replyTo: 'desk@shop.example', envelope: { from: 'chat@shop.example', to: ['kim@customer.example'] } });
  expect(mailOf().from.address).toBe('help@shop.example');
  expect(followUpMail(aFollowUp(), { ...brand, senderEmail: null }, link)).toBeNull();
});

it('a repeat is the same mail, under the same Message-ID', () => {
  const request = aFollowUp();
  expect(followUpMail(request, brand, link)).toEqual(followUpMail(request, brand, link));
  expect(followUpMail(request, brand, link)!.messageId).toBe(`<follow-up.${request.timerId}@shop.example>`);
});

describe('what people wrote', () => {
  const nasty = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onclick='x", '&lt;b&gt;', '</p></div>'];

  it('stands in the mail as text, wherever it came from: not one element or attribute more', () => {
    const shape = (text: string) => {
      const { html } = mailOf({ recap: [{ author: 'agent', name: text, text, at: '2026-03-01T09:00:00.000Z' }] }, { name: text, logoUrl: `https://x.example/${text}`, privacyUrl: `https://x.example/${text}` });
      return html.match(/<[^>]*>/g)!.map((tag) => tag.replace(/"[^"]*"/g, '""'));
    };
    for (const text of nasty) expect(shape(text)).toEqual(shape('harmless'));
  });

  it('is the end of a long conversation, and not all of a long message', () => {
    const recap = Array.from({ length: 30 }, (_, n) => ({ author: 'customer' as const, name: null, text: `n${n} ${'😀'.repeat(3000)}`, at: '2026-03-01T09:00:00.000Z' }));
    const { text } = mailOf({ recap });
    expect(text).not.toContain('n19 ');
    expect(text).toContain('n20 ');
    expect(text).not.toMatch(/\p{Surrogate}/u);
    expect(text.length).toBeLessThan(25_000);
  });

  it('never becomes a second line of a header', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom('\r\n', '\n', '\0', '\u2028', '\x85'), (text, end) => {
      const mail = mailOf({ to: { email: 'kim@customer.example', name: `${text}${end}Bcc: eve@evil.example` } }, { name: `${text}${end}X: y` });
      for (const header of [mail.subject, mail.from.name, mail.to.name]) expect(header).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/);
    }));
  });
});

it.each`
  siteUrl                              | expected
  ${'https://shop.example'}            | ${'https://shop.example/?parley_chat=t.m'}
  ${'https://shop.example/a?b=c#d'}    | ${'https://shop.example/a?b=c&parley_chat=t.m#d'}
  ${'https://shop.example/?parley_chat=old'} | ${'https://shop.example/?parley_chat=t.m'}
  ${'javascript:alert(1)'}             | ${null}
  ${'not a url'}                       | ${null}
  ${null}                              | ${null}
`('TIME-2 the link on $siteUrl: $expected', ({ siteUrl, expected }) => {
  expect(linkTo(siteUrl as string | null, 't.m')).toBe(expected);
});

it('every address of a mail is looked at', () => {
  expect(addressesOf(mailOf({ replyTo: 'desk@shop.example' }))).toEqual(['help@shop.example', 'kim@customer.example', 'desk@shop.example']);
});
