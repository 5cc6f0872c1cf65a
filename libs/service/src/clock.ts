import { Controller, type Type } from '@nestjs/common';
import { serviceClock } from '@parley/contracts/clock';
import type { Actor } from '@parley/contracts/contract';
import type { Service } from '@parley/contracts/events';
import type { Alarm } from './alarm.js';
import { Handles } from './handles.js';
import type { Hearing } from './hearing.js';

/** The door for the test clock (TIME-6) that every service has: the gateway moves all of them step by step. */
export function clockOf(service: Service, alarm: Alarm, hearings: Hearing[]): Type {
  const contract = serviceClock(service);

  @Controller()
  class ClockHandler {
    @Handles(contract.next)
    async next(_: object, by: Actor) {
      return { dueAt: (await alarm.next(by))?.toISOString() ?? null };
    }

    @Handles(contract.set)
    async set({ shiftSeconds }: { shiftSeconds: number }, by: Actor) {
      await alarm.shift(by, shiftSeconds);
      return {};
    }

    @Handles(contract.settled)
    async settled() {
      const polled = await Promise.all(hearings.map((hearing) => hearing.poll()));
      return { settled: polled.every(Boolean) && hearings.every((hearing) => hearing.lag().every((lag) => lag === 0)) };
    }
  }
  return ClockHandler;
}
