import { describe, expect, it } from '@jest/globals';
import { MailReaderService, UnreadableMail } from './mail-reader.service.js';

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

  it.each([
    ['more than 100 parts', `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(200)}--b--`],
    ['headers above 64 kB', `X-Long: ${'y'.repeat(70_000)}\r\n\r\nhi`],
    ['HTML above 2 MiB', `Content-Type: text/html\r\n\r\n${'<p>'.repeat(1_000_000)}`],
  ])('MAIL-6 %s are the mail’s own fault, at once, and the next mail is read', async (_what, rest) => {
    const reader = new MailReaderService();
    try {
      await expect(reader.read(Buffer.from(`From: a@customers.example\r\n${rest}`))).rejects.toBeInstanceOf(UnreadableMail);
      expect((await reader.read(mail('next'))).text).toContain('next');
    } finally {
      await reader.onApplicationShutdown();
    }
  });

  it('MAIL-6 what takes too long is ended, and the next mail is read', async () => {
    const reader = new MailReaderService();
    try {
      const [bomb, next] = await Promise.allSettled([reader.read(Buffer.from(`Content-Type: text/html\r\n\r\n${'<div>'.repeat(380_000)}`)), reader.read(mail('next'))]);
      expect(bomb).toMatchObject({ status: 'rejected', reason: { message: 'not read within 5000 ms' } });
      expect(next).toMatchObject({ status: 'fulfilled', value: { text: expect.stringContaining('next') } });
    } finally {
      await reader.onApplicationShutdown();
    }
  });
});
