import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { reconciliation } from '@parley/contracts/reconciliation';
import { Handles } from '@parley/service/handles';
import { BooksService } from './books.service.js';

@Controller()
export class BooksHandler implements Answers<typeof reconciliation> {
  constructor(private readonly service: BooksService) {}

  @Handles(reconciliation.unmatched)
  unmatched(input: Input<typeof reconciliation.unmatched>, by: Actor) {
    return this.service.unmatched(input, by);
  }
}
