import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { forwardedHtml, forwardedIn } from './forwarding.rules.js';

const FROM = 'Erika Mustermann <Erika@customer.example>';
const gmail = (from: string, sent: string, subject: string, to: string, mark = 'Forwarded message') => `---------- ${mark} ---------\n${from}: ${FROM}\n${sent}: Fri, Nov 20, 2026 at 10:00 AM\n${subject}: Order 1042\n${to}: <help@brand.example>\n\n\nWhere is it?\n> I asked before`;
const outlook = (from: string, sent: string, to: string, subject: string) => `________________________________\n${from}: ${FROM}\n${sent}: Friday, November 20, 2026 10:00 AM\n${to}: help@brand.example\n${subject}: Order 1042\n\nWhere is it?\n> I asked before`;
const thunderbird = (mark: string, subject: string, date: string, from: string, to: string) => `-------- ${mark} --------\n${subject}: \tOrder 1042\n${date}: \tFri, 20 Nov 2026 10:00:00 +0100\n${from}: \t${FROM}\n${to}: \thelp@brand.example\n\n\n\nWhere is it?\n> I asked before`;
const apple = (mark: string, from: string, subject: string, date: string, to: string) => `${mark}\n\n> ${from}: ${FROM}\n> ${subject}: Order 1042\n> ${date}: 20. November 2026 um 10:00:00 MEZ\n> ${to}: help@brand.example\n> \n> Where is it?\n> > I asked before`;

const FORWARDS: [language: string, program: string, subject: string, text: string][] = [
  ['en', 'Gmail', 'Fwd: x', gmail('From', 'Date', 'Subject', 'To')], ['de', 'Gmail', 'Fwd: x', gmail('Von', 'Date', 'Subject', 'To')], ['fr', 'Gmail', 'Fwd: x', gmail('De', 'Date', 'Subject', 'To')],
  ['nl', 'Gmail', 'Fwd: x', gmail('Van', 'Date', 'Subject', 'To')], ['sv', 'Gmail', 'Fwd: x', gmail('Från', 'Date', 'Subject', 'To')], ['pt', 'Gmail', 'Fwd: x', gmail('De', 'Date', 'Subject', 'To')], ['es', 'Gmail', 'Fwd: x', gmail('De', 'Date', 'Subject', 'To')],
  ['en', 'Outlook', 'FW: x', outlook('From', 'Sent', 'To', 'Subject')], ['de', 'Outlook', 'WG: x', outlook('Von', 'Gesendet', 'An', 'Betreff')], ['fr', 'Outlook', 'TR: x', outlook('De ', 'Envoyé ', 'À ', 'Objet ')],
  ['nl', 'Outlook', 'FW: x', outlook('Van', 'Verzonden', 'Aan', 'Onderwerp')], ['sv', 'Outlook', 'VB: x', outlook('Från', 'Skickat', 'Till', 'Ämne')], ['pt', 'Outlook', 'ENC: x', outlook('De', 'Enviado', 'Para', 'Assunto')], ['es', 'Outlook', 'RV: x', outlook('De', 'Enviado', 'Para', 'Asunto')],
  ['en', 'Thunderbird', 'Fwd: x', thunderbird('Forwarded Message', 'Subject', 'Date', 'From', 'To')], ['de', 'Thunderbird', 'Fwd: x', thunderbird('Weitergeleitete Nachricht', 'Betreff', 'Datum', 'Von', 'An')],
  ['fr', 'Thunderbird', 'Fwd: x', thunderbird('Message transféré', 'Sujet ', 'Date ', 'De ', 'Pour ')], ['nl', 'Thunderbird', 'Fwd: x', thunderbird('Doorgestuurd bericht', 'Onderwerp', 'Datum', 'Van', 'Aan')],
  ['sv', 'Thunderbird', 'Fwd: x', thunderbird('Vidarebefordrat meddelande', 'Ämne', 'Datum', 'Från', 'Till')], ['pt', 'Thunderbird', 'Fwd: x', thunderbird('Mensagem encaminhada', 'Assunto', 'Data', 'De', 'Para')],
  ['es', 'Thunderbird', 'Fwd: x', thunderbird('Mensaje reenviado', 'Asunto', 'Fecha', 'De', 'Para')],
  ['en', 'Apple Mail', 'Fwd: x', apple('Begin forwarded message:', 'From', 'Subject', 'Date', 'To')], ['de', 'Apple Mail', 'Fwd: x', apple('Anfang der weitergeleiteten Nachricht:', 'Von', 'Betreff', 'Datum', 'An')],
  ['fr', 'Apple Mail', 'Fwd: x', apple('Début du message réexpédié :', 'De', 'Objet', 'Date', 'À')], ['nl', 'Apple Mail', 'Fwd: x', apple('Begin doorgestuurd bericht:', 'Van', 'Onderwerp', 'Datum', 'Aan')],
  ['sv', 'Apple Mail', 'Fwd: x', apple('Vidarebefordrat brev:', 'Från', 'Ämne', 'Datum', 'Till')], ['pt', 'Apple Mail', 'Fwd: x', apple('Início da mensagem reencaminhada:', 'De', 'Assunto', 'Data', 'Para')], ['es', 'Apple Mail', 'Fwd: x', apple('Inicio del mensaje reenviado:', 'De', 'Asunto', 'Fecha', 'Para')],
];

describe('MAIL-3 a mail inside a mail', () => {
  it.each(FORWARDS)('MAIL-3 %s, %s', (_language, _program, subject, text) => {
    const found = { author: { name: 'Erika Mustermann', address: 'erika@customer.example' }, subject: 'Order 1042', text: 'Where is it?\n> I asked before' };
    expect(forwardedIn(`Please answer her.\n\n${text}`, subject)).toEqual({ ...found, above: 'Please answer her.' });
    expect(forwardedIn(text.replaceAll('\n', '\r\n'), subject)).toMatchObject({ author: found.author, above: '' });
  });

  it.each([
    ['an answer', 'Re: x', `Yes.\n\n${outlook('From', 'Sent', 'To', 'Subject')}`],
    ['a mark with nothing below', 'Fwd: x', '---------- Forwarded message ---------\nhello'],
    ['an author without an address', 'Fwd: x', gmail('From', 'Date', 'Subject', 'To').replace(' <Erika@customer.example>', '')],
    ['an author who is two', 'Fwd: x', gmail('From', 'Date', 'Subject', 'To').replace('Erika@customer.example', 'a@b@c')],
    ['words', 'Fwd: x', 'From: me\nTo: you'],
  ])('MAIL-3 %s is none', (_what, subject, text) => {
    expect(forwardedIn(text, subject)).toBeNull();
  });

  it('MAIL-3 Outlook writes an address as a link to it', () => {
    expect(forwardedIn(outlook('From', 'Sent', 'To', 'Subject').replace('<Erika@customer.example>', '[mailto:Erika@customer.example]'), 'FW: x')?.author).toEqual({ name: 'Erika Mustermann', address: 'erika@customer.example' });
  });

  it('MAIL-3 of the HTML the forwarded part is shown, or nothing', () => {
    expect(forwardedHtml('<p>For you only</p><div dir="ltr" class="gmail_quote"><p>Hi</p></div>')).toBe('<div dir="ltr" class="gmail_quote"><p>Hi</p></div>');
    expect(forwardedHtml('<p>For you only</p><p>Hi</p>')).toBeNull();
    expect(forwardedHtml(null)).toBeNull();
  });

  it('MAIL-3 whatever stands there, the author is one mailbox', () => {
    const lines = FORWARDS.flatMap(([, , , text]) => text.split('\n'));
    fc.assert(fc.property(fc.array(fc.oneof(fc.constantFrom(...lines), fc.string()), { maxLength: 20 }), (some) => {
      const found = forwardedIn(some.join('\n'), 'Fwd: x');
      if (found) expect(found.author.address).toMatch(/^[^\s<>@]+@[^\s<>@]+$/);
    }), { numRuns: 1000 });
  });
});
