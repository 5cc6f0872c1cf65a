import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Follower, type Frame } from './follower.js';

const frame = (number: number): Frame => ({ number, text: String(number) });
const numbers = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => frame(from + i));

/** A stream that stands at `head`, read in pages of three. */
function world(head = 0) {
  const got: number[] = [];
  const reads: number[] = [];
  const failures: unknown[] = [];
  const state = { head, broken: false };
  const follower = new Follower(
    {
      read: async (after) => {
        reads.push(after);
        if (state.broken) throw new Error('away');
        const frames = numbers(after + 1, Math.min(after + 3, state.head));
        return { frames, more: after + frames.length < state.head };
      },
      send: async (frames) => void got.push(...frames.map(({ number }) => number)),
      failed: (error) => failures.push(error),
    },
    0,
  );
  return { follower, got, reads, failures, state };
}
const upTo = (head: number) => numbers(1, head).map(({ number }) => number);

describe('a follower', () => {
  it('NTF-4 sends what continues without reading, and reads what was lost', async () => {
    const { follower, got, reads, state } = world();
    state.head = 2;
    follower.hint([frame(1), frame(2)]);
    expect(reads).toEqual([]);
    state.head = 9;
    follower.hint([frame(9)]);
    await follower.catchUp();
    expect(got).toEqual(upTo(9));
  });

  it('NTF-4 leaves nothing out that is said while it reads', async () => {
    const { follower, got, state } = world(4);
    const reading = follower.catchUp();
    state.head = 6;
    follower.hint([frame(5), frame(6)]);
    await reading;
    expect(got).toEqual(upTo(6));
  });

  it('goes on after a failure from where it stood', async () => {
    const { follower, got, failures, state } = world(5);
    state.broken = true;
    await follower.catchUp();
    expect(failures).toHaveLength(1);
    state.broken = false;
    await follower.catchUp();
    expect(got).toEqual(upTo(5));
  });

  it('NTF-4 CHAT-6 never skips or repeats a number, whichever hints are lost, repeated or late', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ grow: fc.integer({ min: 0, max: 4 }), from: fc.integer({ min: 1, max: 30 }), length: fc.integer({ min: 0, max: 5 }), blind: fc.boolean(), wait: fc.boolean() }), { maxLength: 25 }), async (steps) => {
        const { follower, got, state } = world();
        for (const { grow, from, length, blind, wait } of steps) {
          state.head += grow;
          follower.hint(blind ? null : numbers(from, Math.min(from + length, state.head)));
          if (wait) await new Promise((resolve) => setImmediate(resolve));
        }
        await follower.catchUp();
        expect(got).toEqual(upTo(state.head));
      }),
    );
  });
});
