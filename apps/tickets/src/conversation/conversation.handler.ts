import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input, Output } from '@parley/contracts/contract';
import { messages } from '@parley/contracts/messages';
import { Handles } from '@parley/service/handles';
import { OutgoingTextsService } from './outgoing-texts.service.js';
import { RepliesService } from './replies.service.js';
import { RetriesService } from './retries.service.js';
import { ScheduledRepliesService } from './scheduled-replies.service.js';
import { ThreadService } from './thread.service.js';

@Controller()
export class ConversationHandler implements Answers<typeof messages> {
  constructor(
    private readonly thread: ThreadService,
    private readonly replies: RepliesService,
    private readonly scheduled: ScheduledRepliesService,
    private readonly retries: RetriesService,
    private readonly texts: OutgoingTextsService,
  ) {}

  @Handles(messages.list)
  list(input: Input<typeof messages.list>, by: Actor) {
    return this.thread.list(input, by);
  }

  @Handles(messages.reply)
  reply(input: Input<typeof messages.reply>, by: Actor): Promise<Output<typeof messages.reply>> {
    return input.sendAt ? this.scheduled.schedule(input, by) : this.replies.reply(input, by);
  }

  @Handles(messages.preview)
  preview(input: Input<typeof messages.preview>, by: Actor) {
    return this.texts.preview(input, by);
  }

  @Handles(messages.retry)
  retry(input: Input<typeof messages.retry>, by: Actor) {
    return this.retries.retry(input, by);
  }

  @Handles(messages.note)
  note(input: Input<typeof messages.note>, by: Actor) {
    return this.thread.note(input, by);
  }
}
