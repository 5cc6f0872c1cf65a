import { describe, expect, it } from '@jest/globals';
import { isVisit } from './visits.rules.js';

const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';
const ANDROID = 'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36';

describe('visits of short links', () => {
  it.each<[what: string, visit: Partial<Parameters<typeof isVisit>[0]>, counts: boolean]>([
    ['a phone', {}, true],
    ['another phone', { userAgent: ANDROID }, true],
    ['HEAD', { method: 'HEAD' }, false],
    ['a browser that fetches ahead', { purpose: 'prefetch;prerender' }, false],
    ['no name', { userAgent: null }, false],
    ['an empty name', { userAgent: '' }, false],
    ['the preview of an iPhone', { userAgent: 'Mozilla/5.0 (Macintosh) AppleWebKit/601.2.4 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0' }, false],
    ['WhatsApp', { userAgent: 'WhatsApp/2.24.1 A' }, false],
    ['a search engine', { userAgent: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' }, false],
    ['Slack', { userAgent: 'Slackbot-LinkExpanding 1.0' }, false],
    ['a program', { userAgent: 'curl/8.5.0' }, false],
  ])('SMS-4 %s', (_, more, counts) => expect(isVisit({ method: 'GET', userAgent: IPHONE, purpose: null, ...more })).toBe(counts));
});
