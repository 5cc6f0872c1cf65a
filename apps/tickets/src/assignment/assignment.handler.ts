import { Controller } from '@nestjs/common';
import { routingRules, teams } from '@parley/contracts/assignment';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { Handles } from '@parley/service/handles';
import { RoutingRulesService } from './routing-rules.service.js';
import { TeamsService } from './teams.service.js';

@Controller()
export class TeamsHandler implements Answers<typeof teams> {
  constructor(private readonly service: TeamsService) {}

  @Handles(teams.list)
  list(input: Input<typeof teams.list>, by: Actor) {
    return this.service.list(input, by);
  }

  @Handles(teams.create)
  create(input: Input<typeof teams.create>, by: Actor) {
    return this.service.create(input, by);
  }

  @Handles(teams.get)
  get(input: Input<typeof teams.get>, by: Actor) {
    return this.service.get(input, by);
  }

  @Handles(teams.update)
  update(input: Input<typeof teams.update>, by: Actor) {
    return this.service.update(input, by);
  }

  @Handles(teams.remove)
  remove(input: Input<typeof teams.remove>, by: Actor) {
    return this.service.remove(input, by);
  }
}

@Controller()
export class RoutingRulesHandler implements Answers<typeof routingRules> {
  constructor(private readonly service: RoutingRulesService) {}

  @Handles(routingRules.list)
  list(input: Input<typeof routingRules.list>, by: Actor) {
    return this.service.list(input, by);
  }

  @Handles(routingRules.create)
  create(input: Input<typeof routingRules.create>, by: Actor) {
    return this.service.create(input, by);
  }

  @Handles(routingRules.get)
  get(input: Input<typeof routingRules.get>, by: Actor) {
    return this.service.get(input, by);
  }

  @Handles(routingRules.update)
  update(input: Input<typeof routingRules.update>, by: Actor) {
    return this.service.update(input, by);
  }

  @Handles(routingRules.remove)
  remove(input: Input<typeof routingRules.remove>, by: Actor) {
    return this.service.remove(input, by);
  }

  @Handles(routingRules.simulate)
  simulate(input: Input<typeof routingRules.simulate>, by: Actor) {
    return this.service.simulate(input, by);
  }
}
