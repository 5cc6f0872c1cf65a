import { Controller } from '@nestjs/common';
import { chatSetup } from '@parley/contracts/chat-setup';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { Handles } from '@parley/service/handles';
import { FaqsService } from './faqs.service.js';
import { OfficeHoursService } from './office-hours.service.js';

@Controller()
export class ChatSetupHandler implements Answers<typeof chatSetup> {
  constructor(
    private readonly questions: FaqsService,
    private readonly hours: OfficeHoursService,
  ) {}

  @Handles(chatSetup.faqs)
  faqs(input: Input<typeof chatSetup.faqs>, by: Actor) {
    return this.questions.list(input, by);
  }

  @Handles(chatSetup.setFaqs)
  setFaqs(input: Input<typeof chatSetup.setFaqs>, by: Actor) {
    return this.questions.replace(input, by);
  }

  @Handles(chatSetup.officeHours)
  officeHours(input: Input<typeof chatSetup.officeHours>, by: Actor) {
    return this.hours.get(input, by);
  }

  @Handles(chatSetup.setOfficeHours)
  setOfficeHours(input: Input<typeof chatSetup.setOfficeHours>, by: Actor) {
    return this.hours.replace(input, by);
  }
}
