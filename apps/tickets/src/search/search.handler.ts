import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { search } from '@parley/contracts/search';
import { Handles } from '@parley/service/handles';
import { SearchService } from './search.service.js';

@Controller()
export class SearchHandler implements Answers<typeof search> {
  constructor(private readonly service: SearchService) {}

  @Handles(search.find)
  find(input: Input<typeof search.find>, by: Actor) {
    return this.service.find(input, by);
  }
}
