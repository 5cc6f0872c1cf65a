import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { profiles } from '@parley/contracts/profiles';
import { Handles } from '@parley/service/handles';
import { ProfilesService } from './profiles.service.js';

@Controller()
export class ProfilesHandler implements Answers<typeof profiles> {
  constructor(private readonly service: ProfilesService) {}

  @Handles(profiles.list)
  list(input: Input<typeof profiles.list>, by: Actor) {
    return this.service.list(input, by);
  }

  @Handles(profiles.upsert)
  upsert(input: Input<typeof profiles.upsert>, by: Actor) {
    return this.service.upsert(input, by);
  }

  @Handles(profiles.get)
  get(input: Input<typeof profiles.get>, by: Actor) {
    return this.service.get(input, by);
  }

  @Handles(profiles.update)
  update(input: Input<typeof profiles.update>, by: Actor) {
    return this.service.update(input, by);
  }

  @Handles(profiles.tickets)
  tickets(input: Input<typeof profiles.tickets>, by: Actor) {
    return this.service.tickets(input, by);
  }

  @Handles(profiles.quarantine)
  quarantine(input: Input<typeof profiles.quarantine>, by: Actor) {
    return this.service.quarantine(input, by);
  }

  @Handles(profiles.consents)
  consents(input: Input<typeof profiles.consents>, by: Actor) {
    return this.service.consents(input, by);
  }

  @Handles(profiles.setConsent)
  setConsent(input: Input<typeof profiles.setConsent>, by: Actor) {
    return this.service.setConsent(input, by);
  }

  @Handles(profiles.block)
  block(input: Input<typeof profiles.block>, by: Actor) {
    return this.service.block(input, by);
  }

  @Handles(profiles.unblock)
  unblock(input: Input<typeof profiles.unblock>, by: Actor) {
    return this.service.unblock(input, by);
  }
}
