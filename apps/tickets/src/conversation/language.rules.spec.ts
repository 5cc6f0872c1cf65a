import { describe, expect, it } from '@jest/globals';
import { languageOf } from './language.rules.js';

describe('the language of a message', () => {
  it.each<{ language: string; text: string }>`
    language | text
    ${'en'}  | ${'Where is my order? I ordered it two weeks ago.'}
    ${'en'}  | ${'hi, can I return these shoes'}
    ${'de'}  | ${'Wo bleibt meine Bestellung? Ich warte seit zwei Wochen.'}
    ${'fr'}  | ${'Bonjour, je voudrais un remboursement s’il vous plaît'}
    ${'nl'}  | ${'Waar is mijn bestelling? Ik wil graag mijn geld terug.'}
    ${'sv'}  | ${'Var är min beställning? Jag vill gärna returnera skorna.'}
    ${'pt'}  | ${'Onde está o meu pedido? Quero cancelar a minha assinatura.'}
    ${'es'}  | ${'¿Dónde está mi pedido? Quiero devolver este producto.'}
    ${'it'}  | ${'Buongiorno, dove è il mio ordine?'}
    ${'ja'}  | ${'注文した商品はどこですか'}
  `('TKT-23 $text is $language', ({ language, text }) => {
    expect(languageOf(text)).toBe(language);
  });

  it.each(['', 'ok', 'Hello', 'danke', 'Order #12345', '😀😀😀', 'https://shop.example/wo/bleibt/meine/bestellung mia@example.com', '12 34 56 78 90'])('TKT-23 %j says too little', (text) => {
    expect(languageOf(text)).toBeNull();
  });

  it('TKT-23 looks at the first 500 characters only', () => {
    expect(languageOf(`${'1 '.repeat(250)}Where is my order? I ordered it two weeks ago.`)).toBeNull();
  });
});
