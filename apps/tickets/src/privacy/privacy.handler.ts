import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { holder, person } from '@parley/contracts/privacy';
import { Handles } from '@parley/service/handles';
import { PrivacyService } from './privacy.service.js';

const contract = { ...holder('tickets'), person };

@Controller()
export class PrivacyHandler implements Answers<typeof contract> {
  constructor(private readonly service: PrivacyService) {}

  @Handles(contract.person)
  person({ profileId }: Input<typeof contract.person>, by: Actor) {
    return this.service.person(profileId, by);
  }

  @Handles(contract.export)
  export(input: Input<typeof contract.export>, by: Actor) {
    return this.service.export(input, by);
  }

  @Handles(contract.erase)
  erase(input: Input<typeof contract.erase>, by: Actor) {
    return this.service.eraseAll(input, by);
  }
}
