import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChannelType } from '@parley/contracts/channels';
import type { Actor } from '@parley/contracts/contract';
import { GATES } from '../src/ticket/can-reply.rules.js';
import { POLICY, WEIGHT } from '../src/ticket/policy.rules.js';
import { Desk } from './desk.js';
import { AUTO_CLOSE, live } from './life-cycle.model.js';

const SEED = Number(process.env['PARLEY_MODEL_SEED'] ?? 11);
const RUNS = Number(process.env['PARLEY_MODEL_RUNS'] ?? 20);

let desk: Desk;
let agents: Actor[];
beforeAll(async () => {
  desk = await Desk.open();
  agents = [desk.me, await desk.agent('Bob')];
  await desk.set('auto-close', { channels: Object.fromEntries(AUTO_CLOSE.channels.map((channel) => [channel, { afterSeconds: AUTO_CLOSE.seconds }])) });
});
afterAll(() => desk?.shut());

describe('the life of tickets', () => {
  it(`TKT-2 TKT-3 TKT-5 TKT-6 TKT-7 TKT-10 TKT-11 TIME-3 is as the product says, in any order and at the same moment (PARLEY_MODEL_SEED=${SEED})`, async () => {
    await live(desk, agents, { seed: SEED, runs: RUNS, commands: 40 });
  }, 600_000);
});

// Negative controls: a model that takes any policy for the product's would be worth nothing.
describe('a rule that is wrong', () => {
  type Row = Record<string, unknown>;
  it.each<[ChannelType, string, [Row, Row][]]>([
    ['webchat', 'agents reopen closed chats', [[POLICY.webchat.closed, { agent: 'reopen' }]]],
    ['webchat', 'closed chats are answered', [[GATES.webchat, { whileOpen: false }]]],
    ['email', 'a closed ticket takes no message', [[POLICY.email.closed, { customer: 'refuse' }]]],
    ['email', 'no agent reopens', [[POLICY.email.closed, { agent: 'refuse' }]]],
    ['sms', 'a closed ticket takes no message', [[POLICY.sms.closed, { customer: 'refuse' }]]],
    ['sms', 'no message wakes or reopens', [[WEIGHT.written, { stirs: false }]]],
    ['instagram', 'agents reopen closed tickets', [[POLICY.instagram.closed, { agent: 'reopen' }]]],
    ['instagram', 'answers go out for ten days', [[GATES.instagram, { windowHours: 240 }]]],
    ['whatsapp', 'no agent reopens', [[POLICY.whatsapp.closed, { agent: 'refuse' }]]],
    ['whatsapp', 'answers go out for ten days', [[GATES.whatsapp, { windowHours: 240 }]]],
  ])('TKT-2 TKT-5 TKT-11 by %s is noticed: %s', async (channel, _what, changes) => {
    const right = changes.map(([row, wrong]): [Row, Row] => [row, Object.fromEntries(Object.keys(wrong).map((name) => [name, row[name]]))]);
    for (const [row, wrong] of changes) Object.assign(row, wrong);
    const lived = live(desk, agents, { seed: SEED, runs: 20, commands: 20, channels: [channel] }).finally(() => right.forEach(([row, was]) => Object.assign(row, was)));
    await expect(lived).rejects.toThrow('Property failed');
  });
});
