import type { INestApplication } from '@nestjs/common';
import { attachments } from '@parley/contracts/attachments';
import type { Request } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { endpointOf } from '@parley/contracts/http';
import { disposition } from '@parley/service/file-names';
import { ENV } from '@parley/service/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { addressOf } from '../api/address.js';
import { bearer } from '../api/callers.service.js';
import { DoorService } from '../api/door.service.js';
import { headersOf, LimitsService, refuseIfEmpty } from '../api/limits.service.js';
import type { GatewayEnv } from '../gateway.config.js';
import { AttachmentsService, type Outgoing } from './attachments.service.js';
import { rangeOf } from './range.rules.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
type Wanted = { Params: { id: string }; Querystring: { token?: unknown } };

/** Files: multipart in, bytes out. The bytes are given under headers by which no file ever acts as a page (security.md 5). */
export function serveFiles(fastify: FastifyInstance, app: INestApplication) {
  const door = app.get(DoorService);
  const files = app.get(AttachmentsService);
  const env = app.get<GatewayEnv>(ENV);
  const limits = app.get(LimitsService);
  fastify.removeAllContentTypeParsers();
  // The body is read by the handler, as it comes.
  fastify.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null));

  const takes = (contract: Request, take: (request: FastifyRequest, once: { key: string | undefined; traceId: string }) => ReturnType<AttachmentsService['upload']>) =>
    fastify.post(endpointOf(contract)!.path, { onRequest: (request, reply) => door.admit(contract, request, reply) }, async (request, reply) => {
      const unknown = Object.keys(request.query as object);
      if (unknown.length) throw new ContractError('VALIDATION_FAILED', 'An upload takes no query', { errors: unknown.map((name) => ({ pointer: `/${name}`, message: 'is not known here' })) });
      if (request.headers['content-type'] === undefined) throw new ContractError('MEDIA_TYPE_NOT_SUPPORTED', 'The body is not multipart/form-data');
      const { status, body, replayed } = await take(request, { key: request.headers['idempotency-key'] as string | undefined, traceId: request.id });
      if (replayed) void reply.header('idempotency-replayed', 'true');
      return reply.status(status).type(status < 400 ? 'application/json; charset=utf-8' : 'application/problem+json; charset=utf-8').send(body);
    });
  takes(attachments.upload, (request, once) => files.upload(request.raw, request.by!, once));
  takes(attachments.uploadAsVisitor, (request, once) => files.uploadAsVisitor(request.raw, request.by!, once));

  fastify.get('/v1/attachments/:id', { onRequest: (request, reply) => door.admit(attachments.get, request, reply) }, (request, reply) =>
    door.answer(attachments.get, ((input: { id: string }, by: never) => files.link(input, by, bearer(request.headers.authorization)!)) as never, request, reply));

  fastify.get('/v1/messages/:id/remote-images/:place', { onRequest: (request, reply) => door.admit(attachments.remoteImage, request, reply) }, (request, reply) =>
    door.answer(attachments.remoteImage, ((input: { id: string; place: number }, by: never) => files.remoteImage(input, by, bearer(request.headers.authorization)!)) as never, request, reply));

  const limited = async (request: FastifyRequest, reply: FastifyReply) => {
    const taken = limits.take({ kind: 'address', id: addressOf(request, env.PARLEY_TRUST_PROXY) });
    void reply.headers(headersOf(taken));
    refuseIfEmpty(taken);
  };
  fastify.get<Wanted>('/v1/attachments/:id/content', { onRequest: limited }, async (request, reply) => {
    const { id, token } = wanted(request);
    return give(request, reply, await files.file(id, await files.bearerOf(id, token, bearer(request.headers.authorization))));
  });
  fastify.get<Wanted>('/v1/webchat/attachments/:id', { onRequest: limited }, async (request, reply) => {
    const { id, token } = wanted(request);
    return give(request, reply, await files.chatFile(id, token));
  });
  fastify.get<Wanted>('/v1/media/:id', { onRequest: limited }, async (request, reply) => {
    const { id, token } = wanted(request);
    return giveToProvider(request, reply, await files.outgoingFile(id, token));
  });
}

/** Whatever is no link of ours is answered as a file that is not there. */
function wanted({ params: { id }, query: { token } }: { params: { id: string }; query: { token?: unknown } }) {
  if (!UUID.test(id) || typeof token !== 'string' || token.length > 2048) throw new ContractError('ATTACHMENT_NOT_FOUND', 'No such file');
  return { id, token };
}

/** Providers tell what it is by its type. Whoever opens it in a browser gets a file to save. */
const giveToProvider = (request: FastifyRequest, reply: FastifyReply, file: Outgoing) => answer(request, reply, file, MARKUP.test(file.contentType) ? 'application/octet-stream' : file.contentType);

/** For browsers, and whatever else people use. */
export const give = (request: FastifyRequest, reply: FastifyReply, file: Outgoing) => answer(request, reply, file, file.inline ? file.contentType : 'application/octet-stream');

/** The file, or the one piece of it that was asked for (RFC 9110, 14). */
function answer(request: FastifyRequest, reply: FastifyReply, file: Outgoing, type: string) {
  // Files never change, but have no name by which a piece of before could be known again.
  const range = request.headers['if-range'] === undefined ? rangeOf(request.headers.range, file.sizeBytes) : 'all';
  void head(reply, file).header('accept-ranges', 'bytes').type(type);
  if (range === 'all') return reply.send(file.bytes);
  file.bytes.on('error', () => undefined);
  if (range === 'none') {
    file.bytes.destroy();
    return reply.status(416).headers({ 'content-range': `bytes */${file.sizeBytes}`, 'content-length': '0' }).send();
  }
  const { start, end } = range;
  return reply.status(206).headers({ 'content-range': `bytes ${start}-${end}/${file.sizeBytes}`, 'content-length': String(end - start + 1) }).send(Readable.from(pieceOf(file.bytes, start, end)));
}

/** What could act as a page. */
const MARKUP = /(^|[/+])(x?html|xml|svg|javascript|ecmascript)/i;

async function* pieceOf(bytes: AsyncIterable<Buffer>, start: number, end: number) {
  let at = 0;
  for await (const chunk of bytes) {
    const piece = chunk.subarray(Math.max(0, start - at), Math.max(0, end + 1 - at));
    at += chunk.length;
    if (piece.length) yield piece;
    if (at > end) return;
  }
}

const head = (reply: FastifyReply, { name, sizeBytes, inline }: Outgoing) =>
  reply.headers({
    'content-disposition': disposition(inline ? 'inline' : 'attachment', name),
    'content-length': String(sizeBytes),
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'cross-origin',
  });
