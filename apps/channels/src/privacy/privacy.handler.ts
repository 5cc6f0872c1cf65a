import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { holder } from '@parley/contracts/privacy';
import { Handles } from '@parley/service/handles';
import { PrivacyService } from './privacy.service.js';

const contract = holder('channels');

@Controller()
export class PrivacyHandler implements Answers<typeof contract> {
  constructor(private readonly service: PrivacyService) {}

  @Handles(contract.export)
  async export({ person, after }: Input<typeof contract.export>, by: Actor) {
    return this.service.export({ person: await this.service.whole(person, by), after }, by);
  }

  @Handles(contract.erase)
  async erase({ erasureId, person }: Input<typeof contract.erase>, by: Actor) {
    return this.service.erase({ erasureId, person: await this.service.whole(person, by) }, by);
  }
}
