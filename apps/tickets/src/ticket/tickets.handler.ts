import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { tickets } from '@parley/contracts/tickets';
import { Handles } from '@parley/service/handles';
import { ViewsService } from '../views/views.service.js';
import { TicketsService } from './tickets.service.js';

@Controller()
export class TicketsHandler implements Answers<typeof tickets> {
  constructor(
    private readonly service: TicketsService,
    private readonly views: ViewsService,
  ) {}

  @Handles(tickets.list)
  list(input: Input<typeof tickets.list>, by: Actor) {
    return this.views.list(input, by);
  }

  @Handles(tickets.get)
  get(input: Input<typeof tickets.get>, by: Actor) {
    return this.service.get(input, by);
  }

  @Handles(tickets.update)
  update(input: Input<typeof tickets.update>, by: Actor) {
    return this.service.update(input, by);
  }

  @Handles(tickets.close)
  close(input: Input<typeof tickets.close>, by: Actor) {
    return this.service.close(input, by);
  }

  @Handles(tickets.reopen)
  reopen(input: Input<typeof tickets.reopen>, by: Actor) {
    return this.service.reopen(input, by);
  }

  @Handles(tickets.snooze)
  snooze(input: Input<typeof tickets.snooze>, by: Actor) {
    return this.service.snooze(input, by);
  }

  @Handles(tickets.wake)
  wake(input: Input<typeof tickets.wake>, by: Actor) {
    return this.service.wake(input, by);
  }

  @Handles(tickets.markUnread)
  markUnread(input: Input<typeof tickets.markUnread>, by: Actor) {
    return this.service.markUnread(input, by);
  }

  @Handles(tickets.markRead)
  markRead(input: Input<typeof tickets.markRead>, by: Actor) {
    return this.service.markRead(input, by);
  }

  @Handles(tickets.badge)
  badge(_input: Input<typeof tickets.badge>, by: Actor) {
    return this.views.badge(by);
  }
}
