import { Controller } from '@nestjs/common';
import { files } from '@parley/contracts/attachments';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { Handles } from '@parley/service/handles';
import { ThreadService } from '../conversation/thread.service.js';
import { FilesService } from './files.service.js';

@Controller()
export class FilesHandler implements Answers<typeof files> {
  constructor(
    private readonly service: FilesService,
    private readonly thread: ThreadService,
  ) {}

  @Handles(files.register)
  register(input: Input<typeof files.register>, by: Actor) {
    return this.service.register(input, by);
  }

  @Handles(files.remoteImage)
  remoteImage(input: Input<typeof files.remoteImage>, by: Actor) {
    return this.thread.remoteImage(input, by);
  }

  @Handles(files.find)
  find(input: Input<typeof files.find>, by: Actor) {
    return this.service.find(input, by);
  }
}
