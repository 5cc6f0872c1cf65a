import { Controller } from '@nestjs/common';
import { channels } from '@parley/contracts/channels';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { Handles } from '@parley/service/handles';
import { BooksService } from '../books/books.service.js';
import { ChannelsService } from './channels.service.js';

@Controller()
export class ChannelsHandler implements Answers<typeof channels> {
  constructor(
    private readonly service: ChannelsService,
    private readonly accounting: BooksService,
  ) {}

  @Handles(channels.list)
  list(input: Input<typeof channels.list>, by: Actor) {
    return this.service.list(input, by);
  }

  @Handles(channels.create)
  create(input: Input<typeof channels.create>, by: Actor) {
    return this.service.create(input, by);
  }

  @Handles(channels.get)
  get(input: Input<typeof channels.get>, by: Actor) {
    return this.service.get(input, by);
  }

  @Handles(channels.update)
  update(input: Input<typeof channels.update>, by: Actor) {
    return this.service.update(input, by);
  }

  @Handles(channels.remove)
  remove(input: Input<typeof channels.remove>, by: Actor) {
    return this.service.remove(input, by);
  }

  @Handles(channels.books)
  books(input: Input<typeof channels.books>, by: Actor) {
    return this.accounting.balance(input, by);
  }
}
