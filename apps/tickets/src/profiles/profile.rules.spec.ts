import { describe, expect, it } from '@jest/globals';
import { changedProperties, gainOf, give, takeBack, takeOver } from './profile.rules.js';

const self = (more: object = {}) => ({ name: null, locale: null, timezone: null, location: null, properties: {}, ...more });

describe('what a profile says of itself', () => {
  it('PRO-1 only the named properties change, and null forgets one', () => {
    expect(changedProperties({ plan: 'gold', size: 3, list: [1] }, { size: 4, plan: null, new: true })).toEqual({ size: 4, list: [1], new: true });
  });

  it('PRO-1 properties stay bounded over many changes', () => {
    const full = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`p${n}`, n]));
    expect(() => changedProperties(full, { one: 1 })).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
    expect(changedProperties(full, { p0: null, one: 1 })).toHaveProperty('one', 1);
    expect(() => changedProperties({ a: 'x'.repeat(9000) }, { b: 'x'.repeat(9000) })).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
  });

  it('PRO-1 what is not named stays', () => {
    const profile = self({ name: 'Mia', locale: 'fr' });
    takeOver(profile, { locale: null });
    expect(profile).toMatchObject({ name: 'Mia', locale: null });
  });

  it('PRO-7 the one that stays gets what it lacks, and gives back what was not changed since', () => {
    const from = self({ name: 'Mia', locale: 'fr', properties: { plan: 'gold', size: 3, vip: true } });
    const into = self({ name: 'M.', properties: { plan: 'free' } });
    const gained = gainOf(from, into);
    expect(gained).toEqual({ fields: ['locale'], properties: ['size', 'vip'] });
    give(from, into, gained);
    expect(into).toMatchObject({ name: 'M.', locale: 'fr', properties: { plan: 'free', size: 3, vip: true } });
    into.properties = { ...into.properties, vip: false };
    takeBack(from, into, gained);
    expect(into).toMatchObject({ name: 'M.', locale: null, properties: { plan: 'free', vip: false } });
  });
});
