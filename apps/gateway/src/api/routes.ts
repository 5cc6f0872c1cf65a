import { access } from '@parley/contracts/access';
import { channels } from '@parley/contracts/channels';
import { clock } from '@parley/contracts/clock';
import type { Request } from '@parley/contracts/contract';
import { feed } from '@parley/contracts/feed';
import { endpointOf } from '@parley/contracts/http';
import { messages } from '@parley/contracts/messages';
import { profiles } from '@parley/contracts/profiles';
import { reports } from '@parley/contracts/reports';
import { settings } from '@parley/contracts/settings';
import { tickets } from '@parley/contracts/tickets';
import { timers } from '@parley/contracts/timers';
import { webchat } from '@parley/contracts/webchat';
import { Services } from '@parley/service/services';
import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { AccessHandler } from '../access/access.handler.js';
import { TestClockHandler } from '../clock/test-clock.handler.js';
import { DoorService, type Answerer } from './door.service.js';

/** Contracts that other services answer. A contract that joins one of these groups has its route; nothing else is to be written. */
const FORWARDED: Record<string, Request>[] = [tickets, messages, timers, profiles, channels, webchat, feed, settings, reports];

/** The public API: one route per contract that has a path; method, path, status, scope, shapes and refusals are the contract's. */
export function serveApi(fastify: FastifyInstance, app: INestApplication) {
  const door = app.get(DoorService);
  const services = app.get(Services);
  const mount = (contract: Request, answerer: Answerer) => {
    const endpoint = endpointOf(contract);
    if (!endpoint) return;
    fastify.route({
      method: endpoint.method,
      url: endpoint.path,
      onRequest: (request, reply) => door.admit(contract, request, reply),
      handler: (request, reply) => door.answer(contract, answerer, request, reply),
    });
  };
  for (const group of FORWARDED) for (const contract of Object.values(group)) mount(contract, (input, by) => services.ask(contract, input, by));
  const own = (group: Record<string, Request>, handler: object) => {
    for (const [name, contract] of Object.entries(group)) mount(contract, (input, by) => (handler as Record<string, Answerer>)[name]!(input, by));
  };
  own(access, app.get(AccessHandler));
  own(clock, app.get(TestClockHandler));
}
