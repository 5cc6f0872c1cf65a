import { ContractError } from '@parley/contracts/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { addressOf } from '../api/address.js';
import type { GatewayEnv } from '../gateway.config.js';
import { ChannelsPool } from './channels-pool.js';

/** Mail providers post whole mails: 25 MiB and what their encoding adds (security.md 13). */
const BODY_LIMIT = 36 * 1024 * 1024;
/** Belongs to one connection (RFC 9110 7.6.1), or speaks for us inside: neither is passed on. */
const OWN_HEADERS = /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|host|content-length|forwarded|x-forwarded-.*|parley-.*)$/;

/**
 * /hooks/:channelKey, whatever a provider sends there: passed to a replica of channels byte for byte and with its headers, so that signatures still fit (D5).
 * Nothing of the API stands before it: no limit, no parser, no broker.
 */
export function serveHooks(fastify: FastifyInstance, env: GatewayEnv) {
  const pool = new ChannelsPool(env.PARLEY_CHANNELS_URLS);
  fastify.addHook('onClose', async () => void (await pool.close()));
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) => done(null, body));
  fastify.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/hooks/:channelKey',
    bodyLimit: BODY_LIMIT,
    async handler(request, reply) {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const answer = await pool.deliver({ method: request.method, path: request.raw.url!, headers: headersOf(request, env), body });
      if (!answer) throw new ContractError('UNAVAILABLE', 'No replica of channels answers');
      return reply.status(answer.status).headers(passed(answer.headers)).send(answer.body);
    },
  });
}

const passed = <V>(headers: Record<string, V>) => Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN_HEADERS.test(name)));

function headersOf(request: FastifyRequest, env: GatewayEnv) {
  const headers = passed(request.headers) as Record<string, string | string[]>;
  headers['x-forwarded-for'] = addressOf(request, env.PARLEY_TRUST_PROXY);
  return headers;
}
