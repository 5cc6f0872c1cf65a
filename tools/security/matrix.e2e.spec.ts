import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SCOPES } from '@parley/contracts/contract';
import { eventually } from '../demo/waiting.js';
import type { Json } from '../e2e/api.js';
import { crossAccounts, deactivated, feedOf, keys, openStage, ownAnswers, roles, scopeOf, strangeFields, unaudited, type Stage } from './matrix.js';
import { RECIPES } from './recipes.js';

// security.md section 2 on a whole system: every operation of the served document, asked by the wrong people.
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

it('T1 every operation has a recipe, and every recipe an operation', () => {
  expect(Object.keys(RECIPES).sort()).toEqual(stage.operations.map(({ id }) => id).sort());
});

describe('ACC-1 T1 across accounts', () => {
  it('nobody of another account reads or changes anything', async () => {
    const { wrong, asked } = await crossAccounts(stage, stage.known);
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(stage.operations.length);
  }, 600_000);

  it('A itself succeeds in everything, and what B asks of its own holds nothing of A', async () => {
    expect(await ownAnswers(stage, stage.known)).toEqual([]);
  }, 600_000);

  it('ACC-6 every write of settings, people, keys, channels, the desk and privacy leaves exactly one entry, and the chain holds', async () => {
    const AUDITED = ['settings:admin', 'people:admin', 'channels:admin', 'webhooks:admin', 'desk:admin'];
    // By agents, without a scope of managers: what everybody works with, and who is whom.
    const TOO = ['views.create', 'views.update', 'views.remove', 'customerEvents.saveFilter', 'customerEvents.changeFilter', 'customerEvents.removeFilter', 'profileMerges.merge', 'profileMerges.undo', 'profiles.block', 'profiles.unblock'];
    const CHANGES_NOTHING_KEPT = ['clock.advance', 'routingRules.simulate'];
    const places = stage.known.filter((one) => one.method !== 'GET' && (AUDITED.includes(scopeOf(one)) || TOO.includes(one.id)) && !CHANGES_NOTHING_KEPT.includes(one.id));
    expect(await unaudited(stage, places)).toEqual([]);
    expect(await stage.b.got('GET /v1/audit-log/verification')).toMatchObject({ intact: true, brokenAt: null });
  }, 600_000);

  it('PRO-5 ACC-6 blocking and unblocking a customer are in the log, with who did it', async () => {
    const { b } = stage;
    const { id } = await b.profile();
    await b.got(`PUT /v1/profiles/${id}/block`, {});
    await b.got(`DELETE /v1/profiles/${id}/block`);
    const about = () => b.got('GET /v1/audit-log?limit=5').then(({ items }: Json) => items.filter(({ resource }: Json) => resource === `profile/${id}`) as Json[]);
    await eventually('both entries', async () => (await about()).length === 2);
    expect((await about()).map(({ action, actor, before, after }) => ({ action, who: actor.id, before, after }))).toEqual([
      { action: 'profile.unblocked', who: b.brand.owner.id, before: { blocked: true }, after: { blocked: false } },
      { action: 'profile.blocked', who: b.brand.owner.id, before: { blocked: false }, after: { blocked: true } },
    ]);
  });

  it('ACC-6 nobody changes an entry, and whoever does past every guard breaks the chain', async () => {
    const { a, b, books } = stage;
    const [entry] = await books.query<{ id: string }>('gateway', 'SELECT id FROM audit_entry WHERE account_id = $1 AND place = 3', [b.brand.account.id]);
    await expect(books.query('gateway', `UPDATE audit_entry SET actor_id = 'somebody else' WHERE id = $1`, [entry!.id])).rejects.toThrow('only added');
    await expect(books.query('gateway', 'DELETE FROM audit_entry WHERE id = $1', [entry!.id])).rejects.toThrow('only added');
    await books.query('gateway', 'ALTER TABLE audit_entry DISABLE TRIGGER audit_is_append_only');
    await books.query('gateway', `UPDATE audit_entry SET actor_id = 'somebody else' WHERE id = $1`, [entry!.id]);
    await books.query('gateway', 'ALTER TABLE audit_entry ENABLE TRIGGER audit_is_append_only');
    expect(await b.got('GET /v1/audit-log/verification')).toEqual({ intact: false, entries: 2, brokenAt: entry!.id });
    expect(await a.got('GET /v1/audit-log/verification')).toMatchObject({ intact: true });
  });

  it('the feed of B tells only of B, and B cannot resume at a place of A', async () => {
    const { a, b } = stage;
    const [ofA, ofB] = [await feedOf(a), await feedOf(b)];
    expect(JSON.stringify(ofA)).toContain(a.mark);
    expect(JSON.stringify(ofB)).toContain(b.mark);
    expect(JSON.stringify(ofB)).not.toContain(a.mark);
    expect(new Set(ofB.map(({ account }) => account))).toEqual(new Set([b.brand.account.id]));
    expect((await b.ask(`GET /v1/feed?after=${ofA.length + ofB.length + 1000}`)).status).toBe(410);
  });
});

describe('ACC-2 ACC-3 T4 within an account', () => {
  it('each role may ask what the table gives it, and nothing else', async () => {
    expect(await roles(stage, stage.operations)).toEqual([]);
  }, 600_000);

  it('a key with every scope but the one is refused, and one with it alone is let in', async () => {
    expect(await keys(stage, stage.operations, SCOPES)).toEqual([]);
  }, 600_000);
});

describe('T3 fields that nobody may send', () => {
  it('are refused by every write, each by its name', async () => {
    expect(await strangeFields(stage, stage.known)).toEqual([]);
  }, 600_000);
});

describe('ACC-4 somebody who is deactivated', () => {
  it('is out within a second: every session, every socket', async () => {
    expect(await deactivated(stage)).toEqual([]);
  });
});
