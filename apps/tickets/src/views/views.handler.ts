import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { views } from '@parley/contracts/views';
import { Handles } from '@parley/service/handles';
import { SavedViewsService } from './saved-views.service.js';

@Controller()
export class ViewsHandler implements Answers<typeof views> {
  constructor(private readonly service: SavedViewsService) {}

  @Handles(views.list)
  list(input: Input<typeof views.list>, by: Actor) {
    return this.service.list(input, by);
  }

  @Handles(views.create)
  create(input: Input<typeof views.create>, by: Actor) {
    return this.service.create(input, by);
  }

  @Handles(views.get)
  get(input: Input<typeof views.get>, by: Actor) {
    return this.service.get(input, by);
  }

  @Handles(views.update)
  update(input: Input<typeof views.update>, by: Actor) {
    return this.service.update(input, by);
  }

  @Handles(views.remove)
  remove(input: Input<typeof views.remove>, by: Actor) {
    return this.service.remove(input, by);
  }
}
