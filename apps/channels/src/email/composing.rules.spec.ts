import { describe, expect, it } from '@jest/globals';
import { chain, compose, htmlOf, type Letter, replySubject } from './composing.rules.js';

const letter: Letter = {
  from: { name: 'Shop', address: 'support@shop.example' }, to: { name: 'Ada', address: 'ada@customer.example' }, replyTo: 'in-1+t_x@inbound.example', subject: 'Hello', text: 'Hi',
  messageId: 'ours@x', thread: ['first@x', 'last@x'], answers: 'last@x', headers: { 'X-Parley-Thread': 'x' },
};

describe('MAIL-7 a reply', () => {
  it('MAIL-7 carries the threading headers, a reply address and an envelope of its own', () => {
    expect(compose(letter)).toMatchObject({
      envelope: { from: 'support@shop.example', to: ['ada@customer.example'] }, from: letter.from, to: [letter.to], replyTo: { name: 'Shop', address: letter.replyTo },
      subject: 'Re: Hello', messageId: '<ours@x>', inReplyTo: '<last@x>', references: ['<first@x>', '<last@x>'], text: 'Hi', html: '<p>Hi</p>',
    });
  });

  it('a name or subject cannot add a header or a recipient', () => {
    const hostile = 'x"\r\nBcc: victim@x.example\r\n\r\n<victim@x.example>, ';
    const mail = compose({ ...letter, subject: hostile, to: { name: hostile, address: 'ada@customer.example' } })!;
    expect(mail.to).toEqual([{ name: expect.not.stringMatching(/[\r\n]/), address: 'ada@customer.example' }]);
    expect(mail.subject).not.toMatch(/[\r\n]/);
    expect(compose({ ...letter, to: { name: '', address: 'a@x.example\r\nRCPT TO:<b@y.example>' } })).toBeNull();
    expect(compose({ ...letter, replyTo: 'a@x.example, b@y.example' })).toBeNull();
  });

  it.each`
    subject                       | reply
    ${'Hello'}                    | ${'Re: Hello'}
    ${'Re: Hello'}                | ${'Re: Hello'}
    ${'AW: Re: SV: Hello'}        | ${'Re: Hello'}
    ${'Re[2]: Hello'}             | ${'Re: Hello'}
    ${'Regarding Hello'}          | ${'Re: Regarding Hello'}
    ${null}                       | ${'Re: your message'}
    ${'a\r\nb'}                   | ${'Re: a b'}
  `('$subject is answered by $reply', ({ subject, reply }) => {
    expect(replySubject(subject as string | null)).toBe(reply);
  });

  it('MAIL-7 references are the first and the last ten', () => {
    const ids = Array.from({ length: 30 }, (_, n) => `${n}@x`);
    expect(chain(ids)).toEqual(['0@x', ...ids.slice(-10)]);
    expect(chain(ids.slice(0, 11))).toEqual(ids.slice(0, 11));
    expect(chain(['a@x', 'a@x', 'b c@x', '<d@x>'])).toEqual(['a@x']);
  });

  it('the HTML part is the text, escaped', () => {
    expect(htmlOf(`<script>alert("1")</script> & 'x'\n\nsecond\nline`)).toBe('<p>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;</p>\n<p>second<br>line</p>');
  });
});
