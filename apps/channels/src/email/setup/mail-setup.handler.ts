import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { mailSetup } from '@parley/contracts/mail-setup';
import { Handles } from '@parley/service/handles';
import { ConfirmationsService } from './confirmations.service.js';
import { SendersService } from './senders.service.js';

@Controller()
export class MailSetupHandler implements Answers<typeof mailSetup> {
  constructor(
    private readonly service: SendersService,
    private readonly asked: ConfirmationsService,
  ) {}

  @Handles(mailSetup.senders)
  senders(input: Input<typeof mailSetup.senders>, by: Actor) {
    return this.service.list(input, by);
  }

  @Handles(mailSetup.addSender)
  addSender(input: Input<typeof mailSetup.addSender>, by: Actor) {
    return this.service.add(input, by);
  }

  @Handles(mailSetup.verifySender)
  verifySender(input: Input<typeof mailSetup.verifySender>, by: Actor) {
    return this.service.verify(input, by);
  }

  @Handles(mailSetup.removeSender)
  removeSender(input: Input<typeof mailSetup.removeSender>, by: Actor) {
    return this.service.remove(input, by);
  }

  @Handles(mailSetup.confirmations)
  confirmations(input: Input<typeof mailSetup.confirmations>, by: Actor) {
    return this.asked.list(input, by);
  }
}
