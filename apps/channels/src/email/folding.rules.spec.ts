import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newTextOf } from './folding.rules.js';

const ADA = 'Ada Lovelace <ada@shop.example>';
const HISTORY = '\n\n> Where is it?\n> Ada';
const head = (from: string, sent: string, to: string, subject: string) => `${from}: ${ADA}\n${sent}: 20.11.2026 10:00\n${to}: help@brand.example\n${subject}: Order 1042\n\nThe old words.`;

/** How the mail programs of the world begin a history. */
const HISTORIES: [language: string, program: string, history: string][] = [
  ['en', 'Gmail', `On Fri, Nov 20, 2026 at 10:00 AM ${ADA} wrote:${HISTORY}`],
  ['en', 'Gmail, wrapped', `On Fri, Nov 20, 2026 at 10:00 AM Ada Lovelace <\nada@shop.example> wrote:${HISTORY}`],
  ['en', 'Apple Mail', `On 20 Nov 2026, at 10:00, ${ADA} wrote:${HISTORY}`],
  ['en', 'Thunderbird', `On 11/20/26 10:00, Ada Lovelace wrote:\n> Where is it?`],
  ['en', 'Outlook', `________________________________\n${head('From', 'Sent', 'To', 'Subject')}`],
  ['en', 'Outlook, old', `-----Original Message-----\n${head('From', 'Sent', 'To', 'Subject')}`],
  ['en', 'Outlook in Gmail', `*From:* ${ADA}\n*Sent:* Friday, November 20, 2026 10:00 AM\n*To:* help@brand.example\n*Subject:* Order\n\nOld`],
  ['de', 'Gmail', `Am Fr., 20. Nov. 2026 um 10:00 Uhr schrieb ${ADA}:${HISTORY}`],
  ['de', 'Apple Mail', `Am 20.11.2026 um 10:00 schrieb ${ADA}:${HISTORY}`],
  ['de', 'Thunderbird', `Am 20.11.26 um 10:00 schrieb Ada Lovelace:\n> Wo ist es?`],
  ['de', 'Outlook', head('Von', 'Gesendet', 'An', 'Betreff')],
  ['de', 'Outlook, old', '-----Ursprüngliche Nachricht-----\nVon: Ada'],
  ['fr', 'Gmail', `Le ven. 20 nov. 2026 à 10:00, ${ADA} a écrit :${HISTORY}`],
  ['fr', 'Thunderbird', `Le 20/11/2026 à 10:00, Ada Lovelace a écrit\u00a0:\n> Où est-ce ?`],
  ['fr', 'Outlook', `De : ${ADA}\nEnvoyé : vendredi 20 novembre 2026 10:00\nÀ : help@brand.example\nObjet : Commande\n\nAncien`],
  ['fr', 'Outlook, old', '-----Message d’origine-----\nDe : Ada'],
  ['nl', 'Gmail', `Op vr 20 nov 2026 om 10:00 schreef ${ADA}:${HISTORY}`],
  ['nl', 'Apple Mail', `Op 20 nov 2026, om 10:00 heeft ${ADA} het volgende geschreven:${HISTORY}`],
  ['nl', 'Outlook', head('Van', 'Verzonden', 'Aan', 'Onderwerp')],
  ['nl', 'Outlook, old', '-----Oorspronkelijk bericht-----\nVan: Ada'],
  ['sv', 'Gmail', `Den fre 20 nov. 2026 kl 10:00 skrev ${ADA}:${HISTORY}`],
  ['sv', 'Apple Mail', `20 nov. 2026 kl. 10:00 skrev ${ADA}:${HISTORY}`],
  ['sv', 'Outlook', head('Från', 'Skickat', 'Till', 'Ämne')],
  ['pt', 'Gmail (Brazil)', `Em sex., 20 de nov. de 2026 às 10:00, ${ADA} escreveu:${HISTORY}`],
  ['pt', 'Gmail (Portugal)', `${ADA} escreveu (sexta, 20/11/2026 à(s) 10:00):${HISTORY}`],
  ['pt', 'Apple Mail', `No dia 20/11/2026, às 10:00, ${ADA} escreveu:${HISTORY}`],
  ['pt', 'Outlook', head('De', 'Enviada em', 'Para', 'Assunto')],
  ['pt', 'Outlook, old', '-----Mensagem original-----\nDe: Ada'],
  ['es', 'Gmail', `El vie, 20 nov 2026 a las 10:00, Ada Lovelace (<ada@shop.example>) escribió:${HISTORY}`],
  ['es', 'Thunderbird', `El 20/11/26 a las 10:00, Ada Lovelace escribió:\n> ¿Dónde está?`],
  ['es', 'Outlook', head('De', 'Enviado el', 'Para', 'Asunto')],
  ['es', 'Outlook, old', '-----Mensaje original-----\nDe: Ada'],
  ['it', 'Gmail', `Il giorno ven 20 nov 2026 alle ore 10:00 ${ADA} ha scritto:${HISTORY}`],
  ['any', 'Gmail, foreign', `2026-11-20 10:00 GMT+01:00 ${ADA}:${HISTORY}`],
  ['any', 'nothing but marks', '> Where is it?\n>\n> Ada'],
];

const SIGNATURES: [language: string, signature: string][] = [
  ['any', '-- \nErika\nSales, Customer Ltd.\n+49 30 1'], ['any', '--\nErika'],
  ['en', 'Sent from my iPhone'], ['en', 'Get Outlook for iOS<https://aka.ms/o0ukef>'], ['en', 'Sent from Yahoo Mail on Android'],
  ['de', 'Von meinem iPhone gesendet'], ['de', 'Gesendet von Outlook für Android'], ['fr', 'Envoyé de mon iPhone'], ['fr', 'Obtenir Outlook pour Android'], ['nl', 'Verstuurd vanaf mijn iPhone'],
  ['nl', 'Outlook voor iOS downloaden'], ['sv', 'Skickat från min iPhone'], ['sv', 'Hämta Outlook för iOS'], ['pt', 'Enviado do meu iPhone'], ['pt', 'Obter o Outlook para iOS'],
  ['es', 'Enviado desde mi iPhone'], ['es', 'Obtener Outlook para iOS'],
];

describe('what is new in a mail', () => {
  it.each(HISTORIES)('MAIL-5 history, %s, %s', (_language, _program, history) => {
    expect(newTextOf(`Yes, please.\n\nErika\n\n${history}`, 'Re: Order')).toBe('Yes, please.\n\nErika');
    expect(newTextOf(`Yes, please.\r\n\r\n${history.replaceAll('\n', '\r\n')}`, 'Re: Order')).toBe('Yes, please.');
  });

  it.each(SIGNATURES)('MAIL-5 signature, %s, %s', (_language, signature) => {
    expect(newTextOf(`Yes, please.\n\n${signature}\n`, null)).toBe('Yes, please.');
    expect(newTextOf(`Yes, please.\n\n${signature}\n\n${HISTORIES[0]![2]}`, null)).toBe('Yes, please.');
    expect(newTextOf(`Yes, please.\n\n${signature}\n\n${HISTORIES[10]![2]}`, null)).toBe('Yes, please.');
  });

  it.each([
    ['no history', 'Hello,\n\nwhere is my order?\n\nThanks\nErika'],
    ['nothing but history', HISTORIES[0]![2]],
    ['nothing but a head', HISTORIES[10]![2]],
    ['nothing but a signature', '-- \nErika'],
    ['signs, but no words above it', `--\n...\n\n${HISTORIES[0]![2]}`],
    ['answers between the quoted lines', 'On Fri, Nov 20, 2026 at 10:00 AM Ada wrote:\n> Which size?\nXL\n> Which colour?\nRed\n> Anything else?\nNo'],
    ['a forwarded mail', `Please look at this.\n\n---------- Forwarded message ---------\n${head('From', 'Date', 'To', 'Subject')}`],
    ['words that only look like it', 'On Monday she said: no.\nFrom: the shop\nAm Ende schrieb ich: danke.\nLe chat a écrit : oui ?\nWe wrote:\nnothing'],
    ['a list and a table of dashes', 'We need\n-- two\n-- three\n----- \nand four'],
    ['an e-mail address in a sentence', 'Write to Ada <ada@shop.example> or to Bob: both answer.'],
  ])('MAIL-5 folds nothing: %s', (_what, text) => {
    expect(newTextOf(text, 'Re: Order')).toBeNull();
  });

  it('MAIL-5 a mail forwarded by Outlook is told by its subject', () => {
    const text = `Please look at this.\n\n${HISTORIES[10]![2]}`;
    for (const subject of ['FW: Order', 'WG: Order', 'TR: Order', 'VB: Order', 'ENC: Order', 'RV: Order', 'Doorst: Order', 'Re: Fwd: Order']) expect(newTextOf(text, subject)).toBeNull();
    expect(newTextOf(text, 'AW: Order')).toBe('Please look at this.');
  });

  it('MAIL-5 an answer below the quoted mail is what is new', () => {
    expect(newTextOf(`${HISTORIES[0]![2]}\n\nStill missing.\n-- \nErika`, null)).toBe('Still missing.');
  });

  it('MAIL-5 answers between quoted lines stay with them, and the signature goes', () => {
    expect(newTextOf('> Which size?\nXL\n> Which colour?\nRed\n-- \nErika', null)).toBe('> Which size?\nXL\n> Which colour?\nRed');
  });

  it('MAIL-5 of HTML alone the words above the marked history are new', () => {
    expect(newTextOf('Yes.\n\nErika\nThe old words', 'Re: Order', 'Yes.\n\nErika\n')).toBe('Yes.\n\nErika');
    expect(newTextOf('Old words', 'Re: Order', ' \n')).toBeNull();
    expect(newTextOf('Look.\nThe forwarded words', 'Fwd: Order', 'Look.')).toBeNull();
  });
});

describe('whatever is sent', () => {
  const LINES = [...HISTORIES.flatMap(([, , history]) => history.split('\n')), ...SIGNATURES.flatMap(([, text]) => text.split('\n')), '', 'words', '>', '--', '-- ', '_____', 'From:', 'On '];

  it('MAIL-5 what is kept stands in the text, line by line and in order, and is never empty', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.constantFrom(...LINES), fc.string()), { maxLength: 40 }), (lines) => {
      const text = lines.join('\n');
      const kept = newTextOf(text, null);
      if (kept === null) return;
      expect(kept.trim()).not.toBe('');
      let at = 0;
      for (const line of kept.split('\n')) expect((at = text.indexOf(line, at))).toBeGreaterThanOrEqual(0);
    }), { numRuns: 1000 });
  });

  it.each([
    ['newlines', '\n'.repeat(1_000_000)], ['beginnings', 'On '.repeat(300_000)], ['lines of beginnings', 'On 1:1 a@b wrote\n'.repeat(60_000)], ['heads without an end', 'From: a\nTo: b\n'.repeat(60_000)],
    ['dashes', '--\n'.repeat(300_000)], ['signatures', '-- \n'.repeat(300_000)], ['marks', '>'.repeat(1_000_000)], ['quoted lines', '> a\nb\n'.repeat(100_000)], ['brackets', `${'<'.repeat(500)}\n`.repeat(2_000)],
    ['verbs', `On ${'wrote '.repeat(30)}:\n`.repeat(5_000)], ['blanks', ' '.repeat(1_000_000)], ['names', `${'a '.repeat(40)}<\n`.repeat(10_000)], ['colons', ':\n'.repeat(500_000)], ['rules', '_'.repeat(1_000_000)],
    ['mobiles', `Von meinem ${'gesendet '.repeat(20)}\n`.repeat(4_000)],
  ])('MAIL-5 security 23: a megabyte of %s comes to an end', (_what, text) => {
    for (const subject of [null, 're:'.repeat(100_000)]) expect((newTextOf(text, subject) ?? '').length).toBeLessThanOrEqual(text.length);
  });
});
