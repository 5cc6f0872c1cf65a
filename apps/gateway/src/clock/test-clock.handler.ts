import { Injectable } from '@nestjs/common';
import type { clock } from '@parley/contracts/clock';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { TestClockService } from './test-clock.service.js';

/** Answers the `clock` contracts: test accounts only. */
@Injectable()
export class TestClockHandler implements Answers<typeof clock> {
  constructor(private readonly clock: TestClockService) {}

  get(_input: Input<typeof clock.get>, by: Actor) { return this.clock.get(by); }
  advance({ seconds }: Input<typeof clock.advance>, by: Actor) { return this.clock.advance(seconds, by); }
}
