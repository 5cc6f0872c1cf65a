import { describe, expect, it } from '@jest/globals';
import type { Envelope } from '@parley/contracts/events';
import { newId } from '@parley/service/ids';
import fc from 'fast-check';
import { aTicket } from '../../test/happenings.js';
import { learn } from './ticket-facts.rules.js';

const ANNA = newId();
const BEN = newId();
const account = newId();
const envelopes = (ticket: ReturnType<typeof aTicket>): Envelope[] =>
  ticket.facts.map(({ event, data, actor, at }) => ({ id: newId(), account, sequence: null, type: event.type, version: 1, time: at, actor, ticket: ticket.id, data: data as Envelope['data'] }));
const names: Record<string, string> = { [ANNA]: 'Anna', [BEN]: 'Ben' };
/** Values as `metric: seconds by whom`. */
const told = (ticket: ReturnType<typeof aTicket>) =>
  learn([], envelopes(ticket)).values.map(({ metric, seconds, agentId }) => `${metric}${seconds === null ? '' : ` ${seconds}`}${agentId ? ` by ${names[agentId]}` : ''}`);

type Story = (ticket: ReturnType<typeof aTicket>) => ReturnType<typeof aTicket>;
it.each<[string, Story, string[]]>([
  ['REP-1 a ticket counts once, however much is written', (t) => t.opens(0).customerWrites(5).customerWrites(9), ['ticket-volume']],
  ['REP-1 volume is credited to whom it is assigned now', (t) => t.opens(0).isAssigned(1, ANNA).isAssigned(2, BEN), ['ticket-volume by Ben']],
  ['REP-1 a ticket taken from everybody is nobody’s', (t) => t.opens(0).isAssigned(1, ANNA).isAssigned(2, null), ['ticket-volume']],
  ['REP-2 the first response is the first reply of a person', (t) => t.opens(0).agentReplies(60, ANNA).agentReplies(90, BEN),
    ['ticket-volume', 'replies by Ben', 'replies by Anna', 'first-response-time 60 by Anna']],
  ['REP-2 credit goes to the sender, not to the assignee', (t) => t.opens(0).isAssigned(1, BEN).agentReplies(30, ANNA),
    ['ticket-volume by Ben', 'replies by Anna', 'first-response-time 30 by Anna']],
  ['REP-2 answers of machines are no first response and no reply', (t) => t.opens(0).answersItself(1, 'automation').answersItself(2, 'ai_agent'), ['ticket-volume']],
  ['REP-2 the clock starts at the customer’s first message, not at a later one', (t) => t.opens(0).customerWrites(50).agentReplies(60, ANNA),
    ['ticket-volume', 'replies by Anna', 'first-response-time 60 by Anna']],
  ['REP-2 every close counts, the first one also as first resolution', (t) => t.opens(0).isClosedBy(100, ANNA).isReopened(200).isClosedBy(300, BEN),
    ['ticket-volume', 'closes by Anna', 'resolution-time 100 by Anna', 'first-resolution-time 100 by Anna', 'closes by Ben', 'resolution-time 300 by Ben']],
  ['REP-2 an automatic close ends the clock when the customer was last answered', (t) => t.opens(0).agentReplies(40, ANNA).isClosedByTimer(3640),
    ['ticket-volume', 'replies by Anna', 'first-response-time 40 by Anna', 'closes', 'resolution-time 40', 'first-resolution-time 40']],
  ['REP-2 an answer of the AI agent is an answer to an automatic close', (t) => t.opens(0).answersItself(20, 'ai_agent').isClosedByTimer(900), ['ticket-volume', 'closes', 'resolution-time 20', 'first-resolution-time 20']],
  ['REP-2 the closing message of a timer is no answer', (t) => t.opens(0).answersItself(20, 'ai_agent').answersItself(900, 'automation').isClosedByTimer(900),
    ['ticket-volume', 'closes', 'resolution-time 20', 'first-resolution-time 20']],
  ['META-2 REP-2 an answer in a provider’s app is an answer to an automatic close, and nobody’s reply', (t) => t.opens(0).isAnsweredElsewhere(30).isReactedTo(50).isClosedByTimer(900),
    ['ticket-volume', 'closes', 'resolution-time 30', 'first-resolution-time 30']],
  ['META-2 REP-2 an answer in a provider’s app is no first response', (t) => t.opens(0).isAnsweredElsewhere(30).agentReplies(60, ANNA),
    ['ticket-volume', 'replies by Anna', 'first-response-time 60 by Anna']],
  ['REP-2 an automatic close of what nobody answered ends the clock at the close', (t) => t.opens(0).isClosedByTimer(900), ['ticket-volume', 'closes', 'resolution-time 900', 'first-resolution-time 900']],
  ['REP-2 a close by an integration is a close, no timer', (t) => t.opens(0).agentReplies(40, ANNA).isClosedByIntegration(90),
    ['ticket-volume', 'replies by Anna', 'first-response-time 40 by Anna', 'closes', 'resolution-time 90', 'first-resolution-time 90']],
  ['REP-2 a reply by somebody without a person’s id counts, for nobody', (t) => t.opens(0).agentReplies(40, 'import'), ['ticket-volume', 'replies', 'first-response-time 40']],
])('%s', (_, story, expected) => {
  expect(told(story(aTicket())).sort()).toEqual(expected.sort());
});

it('nothing takes less than no time, whatever the clocks say', () => {
  expect(told(aTicket().opens(10).agentReplies(5, ANNA))).toContain('first-response-time 0 by Anna');
});

it('an older snapshot that comes late changes no assignee', () => {
  const [created, received, given, taken] = envelopes(aTicket().opens(0).isAssigned(1, ANNA).isAssigned(2, BEN));
  const values = learn([], [created!, received!, taken!, given!]).values;
  expect(values.find(({ metric }) => metric === 'ticket-volume')?.agentId).toBe(BEN);
});

it('facts about no ticket teach nothing', () => {
  const fact: Envelope = { id: newId(), account, sequence: null, type: 'account.updated', version: 1, time: '2026-03-01T09:00:00.000Z', actor: { type: 'agent', id: ANNA }, ticket: null, data: { id: account } };
  expect(learn([], [fact])).toEqual({ tickets: [], values: [] });
});

describe('REP-5 in one go or one by one', () => {
  const step = fc.oneof(
    fc.constant((t: Life, at: number) => t.customerWrites(at)),
    fc.constantFrom(ANNA, BEN).map((person) => (t: Life, at: number) => t.agentReplies(at, person)),
    fc.constantFrom(ANNA, BEN, null).map((person) => (t: Life, at: number) => t.isAssigned(at, person)),
    fc.constantFrom(ANNA, BEN).map((person) => (t: Life, at: number) => t.isClosedBy(at, person)),
    fc.constant((t: Life, at: number) => t.isReopened(at).isClosedByTimer(at + 0.5)),
    fc.constant((t: Life, at: number) => t.answersItself(at, 'ai_agent')),
    fc.constant((t: Life, at: number) => t.isAnsweredElsewhere(at)),
  );
  type Life = ReturnType<typeof aTicket>;

  it('facts teach the same, however they are cut into batches', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (steps, sizes) => {
        const facts = envelopes(steps.reduce((ticket, act, index) => act(ticket, index + 1), aTicket().opens(0)));
        const whole = learn([], facts);
        let known = learn([], []);
        const values = new Map<string, unknown>();
        for (let from = 0, turn = 0; from < facts.length; turn++) {
          const size = sizes[turn % sizes.length]!;
          known = learn(known.tickets, facts.slice(from, from + size));
          for (const value of known.values) values.set(`${value.metric} ${value.at} ${value.id}`, value);
          from += size;
        }
        expect(known.tickets).toEqual(whole.tickets);
        expect(new Set(values.values())).toEqual(new Set(whole.values));
      }),
      { numRuns: 500 },
    );
  });
});
