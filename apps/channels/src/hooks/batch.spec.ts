import { describe, expect, it } from '@jest/globals';
import { Batch } from './batch.js';

describe('commits that are shared', () => {
  /** Commits when told; keeps what was asked of it. */
  function stage(most = 3) {
    const asked: string[][] = [];
    const pending: (() => void)[] = [];
    const batch = new Batch<string>(most, async (group, items) => {
      asked.push([group, ...items]);
      await new Promise<void>((go) => pending.push(go));
      if (items.includes('bad')) throw new Error('bad item');
    });
    const go = async () => {
      pending.shift()!();
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    };
    return { batch, asked, go };
  }

  it('OPS-6 what comes during a commit shares the next, in order and up to the most', async () => {
    const { batch, asked, go } = stage();
    const all = ['1', '2', '3', '4', '5'].map((item) => batch.add('a', item));
    for (let n = 0; n < 3; n++) await go();
    await Promise.all(all);
    expect(asked).toEqual([['a', '1'], ['a', '2', '3', '4'], ['a', '5']]);
  });

  it('OPS-6 one bad item fails alone', async () => {
    const { batch, asked, go } = stage();
    const all = Promise.allSettled(['first', 'good', 'bad', 'fine'].map((item) => batch.add('a', item)));
    for (let n = 0; n < 5; n++) await go();
    expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(asked).toEqual([['a', 'first'], ['a', 'good', 'bad', 'fine'], ['a', 'good'], ['a', 'bad'], ['a', 'fine']]);
  });

  it('OPS-6 groups do not wait for each other', async () => {
    const { batch, asked, go } = stage();
    const all = [batch.add('a', '1'), batch.add('b', '2')];
    expect(asked).toEqual([['a', '1'], ['b', '2']]);
    await go();
    await go();
    await Promise.all(all);
  });
});
