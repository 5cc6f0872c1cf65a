import { z } from 'zod';
import { Instant, Nothing, request } from './contract.js';

/** TIME-6: only test accounts have one. The gateway moves every service's clock through the `internal` questions that the kit answers in each. */
export const clock = {
  get: request({
    subject: 'access.clock.get', http: 'GET /v1/test-clock', scope: 'settings:admin', summary: 'What time the test account thinks it is',
    input: z.strictObject({}), output: z.object({ now: Instant, shiftSeconds: z.number() }).meta({ id: 'TestClock' }), errors: ['NOT_A_TEST_ACCOUNT'],
  }),
  advance: request({
    subject: 'access.clock.advance', http: 'POST /v1/test-clock/advance', scope: 'settings:admin',
    summary: 'Move the clock forward; whatever falls due on the way has happened when this answers',
    input: z.strictObject({ seconds: z.int().min(1).max(400 * 86_400) }),
    output: z.object({ now: Instant, shiftSeconds: z.number() }), errors: ['NOT_A_TEST_ACCOUNT'],
  }),
};

/** What every service with timers answers; `%` stands for the service's name. */
export const serviceClock = (service: string) => ({
  next: request({
    subject: `${service}.clock.next`, scope: 'internal', summary: 'When does this account’s next timer fall due?',
    input: z.strictObject({}), output: z.object({ dueAt: Instant.nullable() }), errors: [],
  }),
  set: request({
    subject: `${service}.clock.set`, scope: 'internal', summary: 'Shift this account’s clock and ring what is due',
    input: z.strictObject({ shiftSeconds: z.number() }), output: Nothing, errors: [],
  }),
  settled: request({
    subject: `${service}.clock.settled`, scope: 'internal', summary: 'Has this service heard everything its sources have said?',
    input: z.strictObject({}), output: z.object({ settled: z.boolean() }), errors: [],
  }),
});
