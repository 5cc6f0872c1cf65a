import { describe, expect, it } from '@jest/globals';
import { judged, kindOf, secondsSince, type Signs, type Trouble, worsened } from './health.rules.js';

const at = new Date('2026-11-20T12:00:00Z');
const ago = (seconds: number) => new Date(at.getTime() - seconds * 1000);
const trouble = (kind: Trouble['kind'], seconds: number): Trouble => ({ kind, code: '190', reason: 'Expired', since: ago(seconds).toISOString(), at: at.toISOString(), times: 1 });
const signs = (some: Partial<Signs>): Signs => ({ inbound: null, outbound: null, answerSince: null, mailSince: null, quarantined: 0, at, ...some });

describe('OPS-6 the colour of a channel', () => {
  it.each<[what: string, some: Partial<Signs>, state: string, codes: string[]]>([
    ['nothing is wrong', {}, 'green', []],
    ['credentials are refused', { outbound: trouble('auth', 0) }, 'red', ['auth']],
    ['the mailbox cannot be opened', { inbound: trouble('auth', 0) }, 'red', ['auth']],
    ['a setting is refused', { outbound: trouble('config', 9000) }, 'yellow', ['config']],
    ['nobody answers since a minute', { outbound: trouble('unreachable', 60) }, 'yellow', ['unreachable']],
    ['nobody answers since a quarter of an hour', { outbound: trouble('unreachable', 900) }, 'red', ['unreachable']],
    ['an answer has just been written', { answerSince: ago(10) }, 'green', []],
    ['an answer waits since five minutes', { answerSince: ago(300) }, 'yellow', ['answers_wait']],
    ['a mail waits since five minutes', { mailSince: ago(300) }, 'yellow', ['mails_wait']],
    ['something is in quarantine', { quarantined: 2 }, 'yellow', ['quarantine']],
    ['everything at once', { inbound: trouble('config', 0), outbound: trouble('auth', 0), quarantined: 1 }, 'red', ['config', 'auth', 'quarantine']],
  ])('%s: %j', (_, some, state, codes) => {
    const found = judged(signs(some));
    expect([found.state, found.reasons.map(({ code }) => code)]).toEqual([state, codes]);
  });

  it('META-4 the reason holds the provider’s own words', () => {
    expect(judged(signs({ outbound: trouble('auth', 5) })).reasons).toEqual([{ code: 'auth', state: 'red', text: '190: Expired', since: ago(5).toISOString() }]);
  });

  it('OPS-6 only what concerns the whole channel is its trouble', () => {
    expect((['auth', 'config', 'address', 'consent', 'window', 'content', 'permanent'] as const).map(kindOf)).toEqual(['auth', 'config', 'message', 'message', 'message', 'message', 'message']);
  });

  it('OPS-6 the same trouble again is counted from its first time, another one begins anew', () => {
    const first = worsened(null, 'auth', { code: '1', reason: 'a' }, ago(60));
    expect(worsened(first, 'auth', { code: '2', reason: 'b' }, at)).toEqual({ kind: 'auth', code: '2', reason: 'b', since: ago(60).toISOString(), at: at.toISOString(), times: 2 });
    expect(worsened(first, 'config', { code: '2', reason: 'b' }, at)).toMatchObject({ since: at.toISOString(), times: 1 });
  });

  it('OPS-6 an age is never negative', () => expect([secondsSince(ago(61.9), at), secondsSince(at, ago(1))]).toEqual([61, 0]));
});
