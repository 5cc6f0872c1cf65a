import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { texting } from '@parley/contracts/texting';
import { Handles } from '@parley/service/handles';
import { TextingService } from './texting.service.js';

@Controller()
export class TextingHandler implements Answers<typeof texting> {
  constructor(private readonly service: TextingService) {}

  @Handles(texting.keywords)
  keywords(input: Input<typeof texting.keywords>, by: Actor) {
    return this.service.keywords(input, by);
  }

  @Handles(texting.setKeywords)
  setKeywords(input: Input<typeof texting.setKeywords>, by: Actor) {
    return this.service.setKeywords(input, by);
  }

  @Handles(texting.autoResponder)
  autoResponder(input: Input<typeof texting.autoResponder>, by: Actor) {
    return this.service.autoResponder(input, by);
  }

  @Handles(texting.setAutoResponder)
  setAutoResponder(input: Input<typeof texting.setAutoResponder>, by: Actor) {
    return this.service.setAutoResponder(input, by);
  }
}
