import { Controller } from '@nestjs/common';
import type { Answers, Input } from '@parley/contracts/contract';
import { links } from '@parley/contracts/links';
import { Handles } from '@parley/service/handles';
import { LinksService } from './links.service.js';

@Controller()
export class LinksHandler implements Answers<typeof links> {
  constructor(private readonly service: LinksService) {}

  @Handles(links.open)
  open(input: Input<typeof links.open>) {
    return this.service.open(input);
  }
}
