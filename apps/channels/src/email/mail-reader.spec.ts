import { describe, expect, it } from '@jest/globals';
import { MailReaderService } from './mail-reader.service.js';

const mail = (text: string) => Buffer.from(`From: a@customers.example\r\nTo: b@brand.example\r\nSubject: Hello\r\n\r\n${text}\r\n`);

describe('the reader of mail', () => {
  it('MAIL-6 reads one mail after the other, and those that came together', async () => {
    const reader = new MailReaderService();
    try {
      expect((await reader.read(mail('first'))).text).toContain('first');
      const together = await Promise.all(['second', 'third'].map((text) => reader.read(mail(text))));
      expect(together.map(({ text }) => text.trim())).toEqual(['second', 'third']);
    } finally {
      await reader.onApplicationShutdown();
    }
  });
});
