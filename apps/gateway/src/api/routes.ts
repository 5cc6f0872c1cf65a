import type { Request } from '@parley/contracts/contract';
import { ALL_REQUESTS } from '@parley/contracts/everything';
import { endpointOf } from '@parley/contracts/http';
import { Services } from '@parley/service/services';
import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { AccessHandler } from '../access/access.handler.js';
import { TestClockHandler } from '../clock/test-clock.handler.js';
import { PrivacyHandler } from '../privacy/privacy.handler.js';
import { DoorService, type Answerer } from './door.service.js';

/** The gateway answers its own groups itself, files by routes of their own; whatever else there is, the service answers that its subject names. A new contract has its route by existing. */
const { access, clock, privacy, attachments: _, ...FORWARDED } = ALL_REQUESTS;

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
  for (const group of Object.values(FORWARDED)) for (const contract of Object.values(group)) mount(contract, (input, by) => services.ask(contract, input, by));
  const own = (group: Record<string, Request>, handler: object) => {
    for (const [name, contract] of Object.entries(group)) mount(contract, (input, by) => (handler as Record<string, Answerer>)[name]!(input, by));
  };
  own(access!, app.get(AccessHandler));
  own(clock!, app.get(TestClockHandler));
  own(privacy!, app.get(PrivacyHandler));
}
