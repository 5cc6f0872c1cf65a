import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { routingRules, teams } from '@parley/contracts/assignment';
import type { AuditRecord } from '@parley/contracts/audit';
import { customerEvents } from '@parley/contracts/customer-events';
import { coupons, macros } from '@parley/contracts/macros';
import { profileMerges } from '@parley/contracts/profile-merges';
import { profiles } from '@parley/contracts/profiles';
import { segments } from '@parley/contracts/segments';
import { tags } from '@parley/contracts/tags';
import { views } from '@parley/contracts/views';
import { Desk } from './desk.js';

let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
});
afterAll(() => desk?.shut());

/** What the audit log is told of while this is done, in order. */
async function told(work: () => Promise<unknown>): Promise<AuditRecord[]> {
  const all = async () => (await desk.rig.facts('tickets.audit_recorded')).filter(({ actor }) => actor.id === desk.me.id).map(({ data }) => data as AuditRecord);
  const { length } = await all();
  await work();
  return (await all()).slice(length);
}
const actions = (records: AuditRecord[]) => records.map(({ action }) => action);
const profile = (email: string) => desk.rig.ask(profiles.upsert, { email });

describe('what the audit log is told', () => {
  it('ACC-6 of a team, with what differs', async () => {
    const records = await told(async () => {
      const { id } = await desk.rig.ask(teams.create, { name: 'Returns', memberIds: [] });
      await desk.rig.ask(teams.update, { id, ifMatch: 1, memberIds: [desk.me.id!] });
      await desk.rig.ask(teams.remove, { id, ifMatch: 2 });
    });
    expect(actions(records)).toEqual(['team.created', 'team.updated', 'team.removed']);
    expect(new Set(records.map(({ resource }) => resource)).size).toBe(1);
    expect(records[1]).toMatchObject({ resource: expect.stringMatching(/^team\//), before: { memberIds: [], version: 1 }, after: { memberIds: [desk.me.id], version: 2 } });
    expect(Object.keys(records[1]!.after!)).not.toContain('name');
  });

  it('ACC-6 of a routing rule', async () => {
    const records = await told(async () => {
      const { id } = await desk.rig.ask(routingRules.create, { name: 'French', conditions: { languages: ['fr'] }, actions: { priority: 'high' } });
      await desk.rig.ask(routingRules.update, { id, ifMatch: 1, enabled: false });
      await desk.rig.ask(routingRules.remove, { id, ifMatch: 2 });
    });
    expect(records.map(({ action, after }) => [action, after?.['enabled']])).toEqual([['routing-rule.created', true], ['routing-rule.updated', false], ['routing-rule.removed', undefined]]);
  });

  it('ACC-6 of macros and coupon pools, but no code', async () => {
    const records = await told(async () => {
      const { id } = await desk.rig.ask(macros.create, { name: 'Hello', text: 'Hello' });
      await desk.rig.ask(macros.update, { id, ifMatch: 1, text: 'Hi' });
      await desk.rig.ask(macros.remove, { id, ifMatch: 2 });
      const pool = await desk.rig.ask(coupons.create, { name: 'AUTUMN', codes: ['SECRET-1'] });
      await desk.rig.ask(coupons.fill, { id: pool.id, codes: ['SECRET-2', 'SECRET-3'] });
    });
    expect(actions(records)).toEqual(['macro.created', 'macro.updated', 'macro.removed', 'coupon-pool.created', 'coupon-pool.updated']);
    expect(records[1]).toMatchObject({ before: { text: 'Hello' }, after: { text: 'Hi' } });
    expect(records[4]).toMatchObject({ before: { free: 1 }, after: { free: 3 } });
    expect(JSON.stringify(records)).not.toContain('SECRET');
  });

  it('ACC-6 of tags that are made, renamed, merged and removed; not of giving them, which is work', async () => {
    const ticket = await desk.ticket('email');
    const records = await told(async () => {
      const [one, other] = [await desk.rig.ask(tags.create, { name: 'audited' }), await desk.rig.ask(tags.create, { name: 'audited too' })];
      await desk.rig.ask(tags.put, { id: ticket.id, tag: 'audited' });
      await desk.rig.ask(tags.rename, { id: one.id, ifMatch: 1, name: 'checked' });
      await desk.rig.ask(tags.merge, { id: one.id, intoId: other.id });
      await desk.rig.ask(tags.remove, { id: other.id, ifMatch: 1 });
    });
    expect(actions(records)).toEqual(['tag.created', 'tag.created', 'tag.updated', 'tag.merged', 'tag.removed']);
    expect(records[3]).toMatchObject({ before: { name: 'checked' }, after: { into: 'audited too' } });
  });

  it('ACC-6 of views that everybody sees, from the moment they do; of nobody’s own', async () => {
    const records = await told(async () => {
      const { id } = await desk.rig.ask(views.create, { name: 'Mine', filter: { q: 'Kim Canary' } });
      await desk.rig.ask(views.update, { id, ifMatch: 1, name: 'Still mine' });
      await desk.rig.ask(views.update, { id, ifMatch: 2, shared: true });
      await desk.rig.ask(views.update, { id, ifMatch: 3, name: 'Everybody’s' });
      await desk.rig.ask(views.remove, { id, ifMatch: 4 });
    });
    expect(actions(records)).toEqual(['view.created', 'view.updated', 'view.removed']);
    expect(JSON.stringify(records)).not.toContain('Canary');
  });

  it('ACC-6 of segments, without whom they ask for', async () => {
    const condition = (value: string) => ({ all: [{ of: 'field' as const, field: 'email' as const, is: 'equals' as const, value }] });
    const records = await told(async () => {
      const { id } = await desk.rig.ask(segments.create, { name: 'Kim', condition: condition('kim@canary.example') });
      await desk.rig.ask(segments.update, { id, ifMatch: 1, condition: condition('tim@canary.example') });
      await desk.rig.ask(segments.remove, { id, ifMatch: 2 });
    });
    expect(actions(records)).toEqual(['segment.created', 'segment.updated', 'segment.removed']);
    expect(records[0]!.after).toMatchObject({ condition: { all: [{ of: 'field', field: 'email', is: 'equals' }] } });
    expect(records[1]).toMatchObject({ before: { version: 1 }, after: { version: 2 } });
    expect(JSON.stringify(records)).not.toContain('canary');
  });

  it('ACC-6 of saved filters of timelines', async () => {
    const records = await told(async () => {
      const { id } = await desk.rig.ask(customerEvents.saveFilter, { name: 'Orders', metrics: ['Placed Order'] });
      await desk.rig.ask(customerEvents.changeFilter, { id, ifMatch: 1, name: 'All orders' });
      await desk.rig.ask(customerEvents.removeFilter, { id, ifMatch: 2 });
    });
    expect(actions(records)).toEqual(['event-filter.created', 'event-filter.updated', 'event-filter.removed']);
  });

  it('ACC-6 PRO-7 of profiles that are merged and part again, by their ids alone', async () => {
    const [one, other] = [await profile('one@canary.example'), await profile('other@canary.example')];
    const records = await told(async () => {
      const { id } = await desk.rig.ask(profileMerges.merge, { id: one.id, intoId: other.id });
      await desk.rig.ask(profileMerges.undo, { id });
    });
    expect(records).toMatchObject([
      { action: 'profile-merge.created', before: null, after: { fromId: one.id, intoId: other.id } },
      { action: 'profile-merge.updated', before: { undoneAt: null }, after: { undoneAt: expect.any(String) } },
    ]);
    expect(JSON.stringify(records)).not.toContain('canary');
  });

  it('ACC-6 nothing of what was refused, and once of what is repeated', async () => {
    const { id } = await profile('blocked@shop.example');
    const records = await told(async () => {
      await desk.rig.ask(profiles.block, { id });
      await desk.rig.ask(profiles.block, { id });
      await expect(desk.rig.ask(segments.update, { id, ifMatch: 1, name: 'x' })).rejects.toMatchObject({ code: 'SEGMENT_NOT_FOUND' });
    });
    expect(records).toMatchObject([{ action: 'profile.blocked', before: { blocked: false }, after: { blocked: true } }]);
  });

  it('ACC-6 NTF-1 of settings what differs, while other services hear them as they hold', async () => {
    const records = await told(() => desk.set('notifications', { notifyOn: 'new_tickets', recipients: ['desk@shop.example'] }));
    expect(records).toEqual([{ action: 'settings.updated', resource: 'settings/notifications', before: { notifyOn: 'nothing', recipients: [] }, after: { notifyOn: 'new_tickets', recipients: ['desk@shop.example'] }, address: null }]);
    expect((await desk.last('settings.changed')).data).toEqual({ area: 'notifications', values: { notifyOn: 'new_tickets', recipients: ['desk@shop.example'], mentions: true, from: null }, version: 2 });
  });
});
