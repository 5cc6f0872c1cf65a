import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { Readable } from 'node:stream';
import { give } from '../files/files.routes.js';
import { ExportsService } from './exports.service.js';

/** GET /v1/profile-exports?link=: the lines of an export, as they are read; one that breaks off has no last line `{"end":true}`. Below it, files that lines link to. */
export function serveExports(fastify: FastifyInstance, app: INestApplication) {
  const exports = app.get(ExportsService);
  fastify.get<{ Querystring: { link?: unknown } }>('/v1/profile-exports', { exposeHeadRoute: false }, async ({ query }, reply) => {
    const lines = await exports.open(String(query.link));
    return reply.headers({ 'content-type': 'application/x-ndjson', 'content-disposition': 'attachment; filename="profile.ndjson"' }).send(Readable.from(lines));
  });
  fastify.get<{ Querystring: { link?: unknown } }>('/v1/profile-exports/file', { exposeHeadRoute: false }, async (request, reply) => give(request, reply, await exports.file(String(request.query.link))));
}
