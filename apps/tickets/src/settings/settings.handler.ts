import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { settings } from '@parley/contracts/settings';
import { Handles } from '@parley/service/handles';
import { SettingsService } from './settings.service.js';

@Controller()
export class SettingsHandler implements Answers<typeof settings> {
  constructor(private readonly service: SettingsService) {}

  @Handles(settings.get)
  get(input: Input<typeof settings.get>, by: Actor) {
    return this.service.get(input, by);
  }

  @Handles(settings.update)
  update(input: Input<typeof settings.update>, by: Actor) {
    return this.service.update(input, by);
  }
}
