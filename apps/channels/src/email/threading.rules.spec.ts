import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clues, idsIn, type Match, threadOf } from './threading.rules.js';

const mail = { recipients: ['support+t_aaaaaaaaaaaaaaaaaaaaaaaaaa@x.example'], ownHeader: 'own', inReplyTo: ['reply@x'], references: ['root@x', 'middle@x', 'last@x'] };
const known = (by: Match['by'], value: string): Match => ({ by, value, threadId: `${by} ${value}` });
const everything = [
  known('id', 'root@x'), known('id', 'middle@x'), known('id', 'last@x'), known('id', 'reply@x'), known('header', 'own'), known('token', 'aaaaaaaaaaaaaaaaaaaaaaaaaa'),
];

describe('MAIL-2 the order of clues', () => {
  it.each(['token aaaaaaaaaaaaaaaaaaaaaaaaaa', 'header own', 'id reply@x', 'id last@x', 'id middle@x', 'id root@x'].map((thread, place) => [thread, place] as const))(
    'MAIL-2 %s decides where %i better ones are unknown',
    (thread, unknown) => {
      expect(threadOf(clues(mail), everything.toReversed().slice(unknown))).toBe(thread);
    },
  );

  it('MAIL-2 nothing known: a new thread', () => {
    expect(threadOf(clues(mail), [])).toBeNull();
  });

  it('MAIL-2 a value that is known as another kind of clue proves nothing', () => {
    expect(threadOf(clues(mail), [known('id', 'own'), known('header', 'reply@x'), known('id', 'aaaaaaaaaaaaaaaaaaaaaaaaaa')])).toBeNull();
  });

  it('MAIL-2 an empty id is no clue, and neither is the subject', () => {
    expect(clues({ recipients: ['support@x.example'], ownHeader: null, inReplyTo: [''], references: ['', ''] })).toEqual([]);
    expect(Object.keys(mail)).not.toContain('subject');
  });

  it('at most 200 ids are looked at', () => {
    expect(clues({ ...mail, references: Array.from({ length: 5_000 }, (_, n) => `${n}@x`) }).length).toBeLessThanOrEqual(202);
  });
});

describe('ids of a header', () => {
  it.each`
    header                          | ids
    ${'<a@x> <b@x>'}                | ${['a@x', 'b@x']}
    ${'<a@x>\t<b\n @x>'}            | ${['a@x', 'b@x']}
    ${'<>'}                         | ${[]}
    ${'  '}                         | ${[]}
    ${undefined}                    | ${[]}
    ${'a@x, b@x'}                   | ${['a@x', 'b@x']}
    ${'Your message of Friday'}     | ${[]}
    ${'Re: <a@x> (my mail)'}        | ${['a@x']}
    ${'a@x> b'}                     | ${['a@x']}
    ${`<${'a'.repeat(1_000)}@x>`}   | ${[]}
    ${'<a\0\x07@x> <\ud800b@x>'}    | ${['a@x', 'b@x']}
  `('MAIL-2 $header: $ids', ({ header, ids }) => {
    expect(idsIn(header as string | undefined)).toEqual(ids);
  });

  it('MAIL-2 no text gives an empty id', () => {
    fc.assert(fc.property(fc.string(), (text) => idsIn(text).every((id) => id.length > 0 && !/[<>\s]/.test(id))), { numRuns: 2_000 });
  });
});
