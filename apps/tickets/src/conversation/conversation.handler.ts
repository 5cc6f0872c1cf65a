import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { messages } from '@parley/contracts/messages';
import { Handles } from '@parley/service/handles';
import { RepliesService } from './replies.service.js';
import { ThreadService } from './thread.service.js';

@Controller()
export class ConversationHandler implements Answers<typeof messages> {
  constructor(
    private readonly thread: ThreadService,
    private readonly replies: RepliesService,
  ) {}

  @Handles(messages.list)
  list(input: Input<typeof messages.list>, by: Actor) {
    return this.thread.list(input, by);
  }

  @Handles(messages.reply)
  reply(input: Input<typeof messages.reply>, by: Actor) {
    return this.replies.reply(input, by);
  }

  @Handles(messages.note)
  note(input: Input<typeof messages.note>, by: Actor) {
    return this.thread.note(input, by);
  }
}
