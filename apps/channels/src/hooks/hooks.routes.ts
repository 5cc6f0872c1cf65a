import type { INestApplicationContext } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import { metrics } from '@parley/service/health';
import { ENV } from '@parley/service/service';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Raw } from '../adapter.js';
import type { ChannelsEnv } from '../channels.config.js';
import { HooksService, refused } from './hooks.service.js';

/** Mail providers post whole mails: 25 MiB and what their encoding adds (security.md 13). Others send 3 MB at most. */
const BODY_LIMIT = 36 * 1024 * 1024;

/** `/hooks/:channelKey`, as raw as it comes: nothing but the adapter parses a byte of it. */
export async function hookRoutes(fastify: FastifyInstance, app: INestApplicationContext) {
  metrics.registerMetric(refused);
  const hooks = app.get(HooksService);
  const { PARLEY_PUBLIC_URL } = app.get<ChannelsEnv>(ENV);
  await fastify.register((scope, _, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, parsed) => parsed(null, body));
    scope.route<{ Params: { channelKey: string } }>({
      method: ['GET', 'POST'],
      url: '/hooks/:channelKey',
      handler: async (request, reply) => {
        try {
          const answer = await hooks.take(request.params.channelKey, rawOf(request, PARLEY_PUBLIC_URL));
          return await reply.code(answer.status).header('content-type', answer.contentType).send(answer.body);
        } catch (error) {
          if (!(error instanceof ContractError && error.code === 'UNAVAILABLE')) throw error;
          return await reply.code(503).header('retry-after', '2').send('try again');
        }
      },
    });
    done();
  });
}

const rawOf = (request: FastifyRequest, publicUrl: string): Raw => ({
  method: request.method,
  url: publicUrl.replace(/\/$/, '') + request.url,
  headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value])),
  body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  receivedAt: new Date(performance.timeOrigin + performance.now()),
});
