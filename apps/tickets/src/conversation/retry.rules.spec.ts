import { describe, expect, it } from '@jest/globals';
import { retryRefusal } from './retry.rules.js';

type Attempt = Parameters<typeof retryRefusal>[0];
const failed: Attempt = { direction: 'outbound', authorType: 'agent', deliveryState: 'failed', deliveryFailure: { code: '30003', reason: 'Phone is off' }, deletedAt: null, retriedAs: null };
const unknown = { code: 'unknown_outcome', reason: 'No answer' };

describe('TKT-8 what may be sent once more', () => {
  it.each<[what: string, message: Partial<Attempt>, force: boolean, refusal: string | null]>([
    ['an answer that failed', {}, false, null],
    ['an automatic one that failed', { authorType: 'automation' }, false, null],
    ['one that is on its way', { deliveryState: 'queued' }, true, 'not_failed'],
    ['one that the provider has', { deliveryState: 'sent' }, true, 'not_failed'],
    ['one that arrived', { deliveryState: 'delivered' }, true, 'not_failed'],
    ['one that arrived although a failure was told before', { deliveryState: 'read', deliveryFailure: { code: '30003', reason: '' } }, true, 'not_failed'],
    ['one of which nobody knows', { deliveryFailure: unknown }, false, 'may_be_delivered'],
    ['one of which nobody knows, and a person wants it all the same', { deliveryFailure: unknown }, true, null],
    ['one that was sent again already', { retriedAs: 'x' }, true, 'retried'],
    ['what a customer wrote', { direction: 'inbound', authorType: 'customer', deliveryState: null }, true, 'not_ours'],
    ['a campaign', { authorType: 'campaign' }, true, 'not_ours'],
    ['what was written in the provider’s own app', { authorType: 'external' }, true, 'not_ours'],
    ['one that was taken back', { deletedAt: new Date() }, true, 'deleted'],
  ])('TKT-8 %s: %j, forced %j: %j', (_, message, force, refusal) => expect(retryRefusal({ ...failed, ...message }, { force })).toBe(refusal));
});
