import { ContractError } from '@parley/contracts/errors';
import type { ServiceApp } from '@parley/service/service';
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { addressOf } from './api/address.js';
import { headersOf, LimitsService } from './api/limits.service.js';
import { allowOrigin, WIDGET_PATHS } from './api/cross-origin.js';
import { problemOf } from './api/problem.rules.js';
import { ourFault, refusalOf } from './api/refusals.js';

const SECURITY_HEADERS = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};
/** Not part of the API: no limits there. */
const UNLIMITED = /^\/(hooks\/|livez|readyz|startupz|metrics)/;

/** What holds for every answer: a trace id, security headers, RateLimit headers; and the widget’s pages may call the widget’s paths. */
export function harden(fastify: FastifyInstance, limits: LimitsService, trusted: string[]) {
  fastify.setGenReqId((request) => /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(String(request.headers['traceparent'] ?? ''))?.[1] ?? randomBytes(16).toString('hex'));
  fastify.decorateRequest('by', null);
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.headers(SECURITY_HEADERS);
    if (request.url.startsWith(WIDGET_PATHS)) allowOrigin(request, reply);
  });
  fastify.addHook('onSend', async (request, reply) => {
    if (!reply.hasHeader('ratelimit-limit') && !UNLIMITED.test(request.url)) void reply.headers(headersOf(limits.take({ kind: 'address', id: addressOf(request, trusted) })));
  });
}

/** A path that the router cannot read never reaches a hook or filter: it is answered here like any other refusal. */
export const unreadable: NonNullable<ServiceApp['unreadable']> = (error, request, reply) => {
  const { status, headers, body } = problemOf(refusalOf(error) ?? ourFault(), request.id);
  void (reply as unknown as FastifyReply).code(status).headers({ ...SECURITY_HEADERS, ...headers }).send(JSON.stringify(body));
};

/** A stop waits for what is being answered, not for connections on which nothing was ever asked: those would hold it up for a minute. */
export function hangUpWhenDone(fastify: FastifyInstance) {
  let busy = 0;
  let closing = false;
  const hangUp = () => void (closing && busy === 0 && fastify.server.closeAllConnections());
  fastify.addHook('onRequest', async (_request, reply) => {
    busy++;
    reply.raw.once('close', () => {
      busy--;
      hangUp();
    });
  });
  fastify.addHook('preClose', async () => {
    closing = true;
    setImmediate(hangUp);
  });
}

/** Bodies of the API are JSON, and nothing in them reaches a prototype (security.md 24). */
export function jsonOnly(fastify: FastifyInstance) {
  fastify.removeAllContentTypeParsers();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null, undefined);
    void parse(request, body as string, (error, parsed) => (error ? done(new ContractError('VALIDATION_FAILED', 'The body is not valid JSON', { errors: [{ pointer: '', message: 'is not valid JSON' }] })) : done(null, parsed)));
  });
}
