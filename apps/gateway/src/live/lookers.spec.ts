import { describe, expect, it } from '@jest/globals';
import { Lookers, VALID_SECONDS } from './lookers.js';

const ada = { account: 'shop', id: 'ada' };
const frame = (user: string, ticket: string, validSeconds: number) => ({ kind: 'viewing', ticket, session: null, user, validSeconds });

describe('who looks at which ticket', () => {
  it('TKT-19 is told when it begins, again and over', () => {
    const lookers = new Lookers();
    const tab = {};
    expect(lookers.look(tab, ada, 't1')).toEqual({ told: [frame('ada', 't1', VALID_SECONDS)], isNew: true });
    expect(lookers.look(tab, ada, 't1')).toEqual({ told: [frame('ada', 't1', VALID_SECONDS)], isNew: false });
    expect(lookers.look(tab, ada, 't2')).toEqual({ told: [frame('ada', 't1', 0), frame('ada', 't2', VALID_SECONDS)], isNew: true });
    expect(lookers.look(tab, ada, null)).toEqual({ told: [frame('ada', 't2', 0)], isNew: false });
    expect(lookers.look(tab, ada, null)).toEqual({ told: [], isNew: false });
  });

  it('TKT-19 somebody with two windows has left when both have', () => {
    const lookers = new Lookers();
    const [one, other] = [{}, {}];
    lookers.look(one, ada, 't1');
    lookers.look(other, ada, 't1');
    expect(lookers.look(one, ada, null).told).toEqual([]);
    expect(lookers.look(other, ada, null).told).toEqual([frame('ada', 't1', 0)]);
  });

  it('TKT-19 is believed for 30 seconds, of others, in one account', () => {
    let now = 0;
    const lookers = new Lookers(() => now);
    lookers.look({}, ada, 't1');
    now = VALID_SECONDS * 1000 - 1;
    expect(lookers.others('shop', 't1', 'bo')).toEqual([frame('ada', 't1', VALID_SECONDS)]);
    expect(lookers.others('shop', 't1', 'ada')).toEqual([]);
    expect(lookers.others('shop', 't2', 'bo')).toEqual([]);
    expect(lookers.others('other', 't1', 'bo')).toEqual([]);
    now++;
    expect(lookers.others('shop', 't1', 'bo')).toEqual([]);
  });
});
