import type { INestApplication } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import { feed } from '@parley/contracts/feed';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { bearer, CallersService } from '../api/callers.service.js';
import { DoorService } from '../api/door.service.js';
import { FeedReadersService, type Outlet } from './feed-readers.service.js';

const Query = z.strictObject({ after: z.coerce.number().int().nonnegative().optional() });
const BACKLOG_BYTES = 4 * 1024 * 1024;
const COMMENT_MS = 15_000;

/** GET /v1/feed/stream: what /v1/live says, as server-sent events; `Last-Event-ID` resumes as `?after=` does. */
export function serveStream(fastify: FastifyInstance, app: INestApplication) {
  const [door, callers, readers] = [app.get(DoorService), app.get(CallersService), app.get(FeedReadersService)];
  fastify.get('/v1/feed/stream', {
    exposeHeadRoute: false,
    onRequest: (request, reply) => door.admit(feed.read, request, reply),
    async handler(request, reply) {
      const last = request.headers['last-event-id'];
      const query = Query.safeParse({ ...(last !== undefined && { after: last }), ...(request.query as object) });
      if (!query.success) throw new ContractError('VALIDATION_FAILED', 'after is no sequence', { errors: [{ pointer: '/after', message: 'is no whole number from 0 on' }] });
      const credential = await callers.credentialOf(bearer(request.headers.authorization)!);
      const outlet = outletOf(reply);
      const leave = await readers.join({ by: request.by!, credential, after: query.data.after ?? null, outlet });
      const alive = setInterval(() => reply.raw.write(':\n\n'), COMMENT_MS).unref();
      const gone = () => {
        clearInterval(alive);
        leave();
      };
      outlet.open();
      if (reply.raw.destroyed) gone();
      else reply.raw.once('close', gone);
    },
  });
}

/** Begins to speak with the first frame: until then the request may still be refused like any other. */
function outletOf(reply: FastifyReply): Outlet & { open(): void } {
  const open = () => {
    if (reply.sent) return;
    reply.hijack();
    reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no', connection: 'close' });
    reply.raw.write(':\n\n');
  };
  return {
    open,
    async send(frames) {
      open();
      const more = reply.raw.write(frames.map(({ number, text }) => `id: ${number}\ndata: ${text}\n\n`).join(''));
      if (!more && !reply.raw.destroyed) await new Promise<void>((taken) => void reply.raw.once('drain', taken).once('close', taken));
    },
    pass: () => undefined,
    full: () => reply.raw.writableLength > BACKLOG_BYTES,
    end: (why) => void reply.raw.end(why === 'resync' ? 'event: resync\ndata: {}\n\n' : ''),
  };
}
