import type { INestApplication } from '@nestjs/common';
import { ContractError, ERRORS } from '@parley/contracts/errors';
import { links } from '@parley/contracts/links';
import { LINK_CODE } from '@parley/contracts/sms';
import { ENV } from '@parley/service/service';
import { Services } from '@parley/service/services';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addressOf } from '../api/address.js';
import { nobody } from '../api/callers.service.js';
import { headersOf, LimitsService, refuseIfEmpty } from '../api/limits.service.js';
import type { GatewayEnv } from '../gateway.config.js';

type Followed = FastifyRequest<{ Params: { code: string } }>;

/** GET /l/:code (SMS-4): leads to where channels has written that it leads. Nothing of the request becomes part of the address. */
export function serveLinks(fastify: FastifyInstance, app: INestApplication) {
  const [services, limits, env] = [app.get(Services), app.get(LimitsService), app.get<GatewayEnv>(ENV)];
  fastify.get<{ Params: { code: string } }>('/l/:code', async (request, reply) => {
    const taken = limits.take({ kind: 'address', id: addressOf(request, env.PARLEY_TRUST_PROXY) });
    void reply.headers(headersOf(taken));
    refuseIfEmpty(taken);
    if (!LINK_CODE.test(request.params.code)) return gone(reply, 'LINK_NOT_FOUND');
    try {
      const { url } = await services.ask(links.open, asked(request), { ...nobody(), scopes: ['internal'] });
      return await reply.headers({ 'x-robots-tag': 'noindex, nofollow' }).redirect(url, 302);
    } catch (error) {
      if (error instanceof ContractError && (error.code === 'LINK_NOT_FOUND' || error.code === 'LINK_EXPIRED')) return gone(reply, error.code);
      throw error;
    }
  });
}

const asked = ({ params: { code }, raw: { method = 'GET' }, headers }: Followed) => ({
  code, method, userAgent: headers['user-agent']?.slice(0, 1000) ?? null,
  purpose: [headers['sec-purpose'], headers['purpose'], headers['x-purpose'], headers['x-moz']].flat().filter(Boolean).join(' ').slice(0, 200) || null,
});

/** A person reads it, in a browser. */
const gone = (reply: FastifyReply, code: 'LINK_NOT_FOUND' | 'LINK_EXPIRED') => reply.status(ERRORS[code].status).type('text/plain; charset=utf-8').send(ERRORS[code].title);
