import type { INestApplication } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import { webchat } from '@parley/contracts/webchat';
import { ENV } from '@parley/service/service';
import { Services } from '@parley/service/services';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayEnv } from '../gateway.config.js';
import { addressOf } from './address.js';
import { nobody } from './callers.service.js';
import { headersOf, LimitsService, refuseIfEmpty } from './limits.service.js';

/** Pages of other websites call these, and no other path. */
export const WIDGET_PATHS = '/v1/webchat/';
/** These name the widget; the others come with a session token, which a page that asks beforehand does not send. */
const OF_WIDGET = /^\/v1\/webchat\/([^/?]{1,64})\/(config|sessions)(\?|$)/;
const ALLOWED = {
  'access-control-allow-methods': 'GET, POST, PUT',
  'access-control-allow-headers': 'authorization, content-type, idempotency-key, parley-identity',
  'access-control-max-age': '600',
};

/**
 * Which websites may use a widget is the channel’s to say: it is asked with the Origin of every request, and of every socket. A page that may not gets no
 * answer that it could read (see ProblemsFilter). There are no cookies, so a foreign page gains nothing by being allowed to ask. Every other path allows no foreign page.
 */
export function allowOrigin(request: FastifyRequest, reply: FastifyReply) {
  void reply.header('vary', 'Origin');
  if (request.headers.origin) void reply.headers({ 'access-control-allow-origin': request.headers.origin, 'access-control-expose-headers': 'retry-after, idempotency-replayed, ratelimit-limit, ratelimit-remaining, ratelimit-reset' });
}

/** Answers pages that ask whether they may ask (Fetch standard, CORS-preflight). @throws ContractError ORIGIN_NOT_ALLOWED, WIDGET_NOT_FOUND, RATE_LIMITED */
export function answerPreflights(fastify: FastifyInstance, app: INestApplication) {
  const [services, limits, env] = [app.get(Services), app.get(LimitsService), app.get<GatewayEnv>(ENV)];
  fastify.options(`${WIDGET_PATHS}*`, async (request, reply) => {
    const taken = limits.take({ kind: 'address', id: addressOf(request, env.PARLEY_TRUST_PROXY) });
    void reply.headers(headersOf(taken));
    refuseIfEmpty(taken);
    const [, widgetKey] = OF_WIDGET.exec(request.url) ?? [];
    const origin = request.headers.origin?.slice(0, 300);
    if (widgetKey && origin !== undefined) {
      const { allowed } = await services.ask(webchat.admits, { widgetKey, origin }, { ...nobody(), scopes: ['internal'] });
      if (!allowed) throw new ContractError('ORIGIN_NOT_ALLOWED', `${origin} may not use this widget`);
    }
    return reply.headers(ALLOWED).status(204).send();
  });
}
