import { describe, expect, it } from '@jest/globals';
import { FIRST, linkOf, type Linked } from './audit-chain.rules.js';

const entry: Linked = { id: '1', at: '2026-11-20T10:00:00.000Z', actorType: 'agent', actorId: 'a', action: 'user.updated', resource: 'user/1', before: { role: 'admin', name: 'A' }, after: { role: 'support', name: 'A' }, address: '10.0.0.1', place: 1 };

describe('a link of the audit chain', () => {
  it('ACC-6 is the same in whatever order fields were read', () => {
    expect(linkOf(FIRST, { ...entry, before: { name: 'A', role: 'admin' } })).toEqual(linkOf(FIRST, entry));
  });

  it.each(Object.keys(entry) as (keyof Linked)[])('ACC-6 is another one when %s is another', (field) => {
    expect(linkOf(FIRST, { ...entry, [field]: 'something else' })).not.toEqual(linkOf(FIRST, entry));
  });

  it('ACC-6 is another one after another entry', () => {
    expect(linkOf(linkOf(FIRST, entry), { ...entry, place: 2 })).not.toEqual(linkOf(linkOf(FIRST, { ...entry, action: 'user.created' }), { ...entry, place: 2 }));
  });
});
