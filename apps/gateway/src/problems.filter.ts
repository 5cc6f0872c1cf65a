import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import { errorFields, logger } from '@parley/service/logging';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { methodsOf } from './api/paths.js';
import { problemOf } from './api/problem.rules.js';
import { ourFault, refusalOf } from './api/refusals.js';

/** Whatever goes wrong anywhere is answered as problem+json (RFC 9457). What is our fault is logged; the caller gets its traceId and no more. */
@Catch()
export class ProblemsFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost) {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const refusal = refusalOf(error);
    if (!refusal) logger.error({ ...errorFields(error), traceId: request.id, route: request.routeOptions?.url }, 'request failed');
    const told = (refusal?.code === 'NOT_FOUND' && otherMethod(request, reply)) || refusal || ourFault();
    const { status, headers, body } = problemOf(told, request.id);
    // A page that may not use the channel learns nothing from it, not even why.
    if (told.code === 'ORIGIN_NOT_ALLOWED') void reply.removeHeader('access-control-allow-origin');
    void reply.status(status).headers(headers).send(JSON.stringify(body));
  }
}

/** The path exists, but for other methods (RFC 9110: 405 names them). */
function otherMethod(request: FastifyRequest, reply: FastifyReply): ContractError | null {
  if (request.routeOptions?.url) return null;
  const allowed = methodsOf(request.url.split('?')[0]!);
  if (!allowed.length) return null;
  void reply.header('allow', allowed.join(', '));
  return new ContractError('METHOD_NOT_ALLOWED', `It answers ${allowed.join(', ')}`);
}
