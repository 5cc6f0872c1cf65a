import { describe, expect, it } from '@jest/globals';
import { confirmationIn } from './setup-mail.rules.js';

const mail = (from: string, subject: string, text: string) => confirmationIn({ author: { name: null, address: from }, subject, text });
const GOOGLE = 'forwarding-noreply@google.com';

describe('a mail server asks before it forwards', () => {
  it.each([
    ['Gmail', GOOGLE, '(#123456789) Gmail Forwarding Confirmation - Receive Mail from a@gmail.com', 'Please click: https://mail-settings.google.com/mail/vf-abc', { code: '123456789', link: 'https://mail-settings.google.com/mail/vf-abc' }],
    ['Gmail in German', GOOGLE, '(#123456789) Gmail-Weiterleitungsbestätigung', 'Bestätigungscode: 123456789', { code: '123456789', link: null }],
    ['Outlook', 'noreply@outlook.com', 'Confirm forwarding of your mail', 'Your code: 445566', { code: '445566', link: null }],
    ['Zoho', 'noreply@zohoaccounts.eu', 'Verify forwarding address', 'https://mail.zoho.eu/confirm?x=1', { code: null, link: 'https://mail.zoho.eu/confirm?x=1' }],
  ])('MAIL-4 %s', (_what, from, subject, text, found) => {
    expect(mail(from, subject, text)).toEqual(found);
  });

  it.each([
    ['a stranger with the same words', 'a@evil.example', '(#123456789) Gmail Forwarding Confirmation', 'https://mail.google.com/x'],
    ['a name that only begins alike', 'forwarding-noreply@google.com.evil.example', '(#123456789) Gmail Forwarding Confirmation', 'https://mail.google.com/x'],
    ['another mail of the provider', 'noreply@outlook.com', 'Your invoice', 'Code: 445566'],
    ['neither code nor link', 'noreply@outlook.com', 'About forwarding', 'Read more at https://evil.example/'],
  ])('MAIL-4 %s is none', (_what, from, subject, text) => {
    expect(mail(from, subject, text)).toBeNull();
  });

  it.each(['https://google.com.evil.example/', 'http://mail.google.com/', 'https://mail.google.com@evil.example/', 'https://evil.example/?https://mail.google.com', 'https://sites.google.com/evil', 'https://mail.google.com:8443/'])(
    'MAIL-4 a link to %s is not shown', (link) => {
      expect(mail(GOOGLE, '(#123456789) Gmail Forwarding Confirmation', link)?.link ?? null).not.toBe(link);
    });
});
