import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { webchat } from '@parley/contracts/webchat';
import { Handles } from '@parley/service/handles';
import { ChatFilesService } from './chat-files.service.js';
import { ChatService } from './chat.service.js';
import { PresenceService } from './presence.service.js';
import { FaqsService } from './faqs.service.js';
import { SessionsService } from './sessions.service.js';
import { UploadsService } from './uploads.service.js';
import { WidgetsService } from './widgets.service.js';

@Controller()
export class WebchatHandler implements Answers<typeof webchat> {
  constructor(
    private readonly widgets: WidgetsService,
    private readonly sessions: SessionsService,
    private readonly chat: ChatService,
    private readonly visitors: PresenceService,
    private readonly files: ChatFilesService,
    private readonly faqs: FaqsService,
    private readonly uploads: UploadsService,
  ) {}

  @Handles(webchat.config)
  config(input: Input<typeof webchat.config>) {
    return this.widgets.config(input);
  }

  @Handles(webchat.start)
  start(input: Input<typeof webchat.start>) {
    return this.sessions.start(input);
  }

  @Handles(webchat.admits)
  admits(input: Input<typeof webchat.admits>) {
    return this.widgets.admits(input);
  }

  @Handles(webchat.authenticate)
  authenticate(input: Input<typeof webchat.authenticate>) {
    return this.sessions.authenticate(input);
  }

  @Handles(webchat.messages)
  messages(input: Input<typeof webchat.messages>, by: Actor) {
    return this.chat.messages(input, by);
  }

  @Handles(webchat.send)
  send(input: Input<typeof webchat.send>, by: Actor) {
    return this.chat.send(input, by);
  }

  @Handles(webchat.readFaq)
  readFaq(input: Input<typeof webchat.readFaq>, by: Actor) {
    return this.faqs.read(input, by);
  }

  @Handles(webchat.read)
  read(input: Input<typeof webchat.read>, by: Actor) {
    return this.chat.read(input, by);
  }

  @Handles(webchat.end)
  end(_: Input<typeof webchat.end>, by: Actor) {
    return this.chat.end(by);
  }

  @Handles(webchat.keepFile)
  keepFile(input: Input<typeof webchat.keepFile>, by: Actor) {
    return this.uploads.keep(input, by);
  }

  @Handles(webchat.file)
  file(input: Input<typeof webchat.file>, by: Actor) {
    return this.files.file(input, by);
  }

  @Handles(webchat.presence)
  presence(input: Input<typeof webchat.presence>, by: Actor) {
    return this.visitors.presence(input, by);
  }
}
