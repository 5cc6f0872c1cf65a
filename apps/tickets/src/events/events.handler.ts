import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { customerEvents } from '@parley/contracts/customer-events';
import { Handles } from '@parley/service/handles';
import { EventsService } from './events.service.js';
import { SummaryService } from './summary.service.js';
import { TimelineService } from './timeline.service.js';

@Controller()
export class EventsHandler implements Answers<typeof customerEvents> {
  constructor(
    private readonly events: EventsService,
    private readonly timelines: TimelineService,
    private readonly summaries: SummaryService,
  ) {}

  @Handles(customerEvents.record)
  record(input: Input<typeof customerEvents.record>, by: Actor) {
    return this.events.record(input, by);
  }

  @Handles(customerEvents.timeline)
  timeline(input: Input<typeof customerEvents.timeline>, by: Actor) {
    return this.timelines.list(input, by);
  }

  @Handles(customerEvents.orders)
  orders(input: Input<typeof customerEvents.orders>, by: Actor) {
    return this.timelines.orders(input, by);
  }

  @Handles(customerEvents.summary)
  summary(input: Input<typeof customerEvents.summary>, by: Actor) {
    return this.summaries.get(input, by);
  }

  @Handles(customerEvents.filters)
  filters(input: Input<typeof customerEvents.filters>, by: Actor) {
    return this.timelines.filters(input, by);
  }

  @Handles(customerEvents.saveFilter)
  saveFilter(input: Input<typeof customerEvents.saveFilter>, by: Actor) {
    return this.timelines.saveFilter(input, by);
  }

  @Handles(customerEvents.changeFilter)
  changeFilter(input: Input<typeof customerEvents.changeFilter>, by: Actor) {
    return this.timelines.changeFilter(input, by);
  }

  @Handles(customerEvents.removeFilter)
  removeFilter(input: Input<typeof customerEvents.removeFilter>, by: Actor) {
    return this.timelines.removeFilter(input, by);
  }
}
