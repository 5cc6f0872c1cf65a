import { Inject, Injectable } from '@nestjs/common';
import { allows } from '@parley/contracts/access';
import type { Actor, Request } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { endpointOf, etagOf } from '@parley/contracts/http';
import { repeatable } from '@parley/contracts/openapi';
import { problems, refusal } from '@parley/service/handles';
import { ENV } from '@parley/service/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayEnv } from '../gateway.config.js';
import { bearer, CallersService, nobody } from './callers.service.js';
import { addressOf } from './address.js';
import { IdempotencyService } from './idempotency.service.js';
import { inputOf } from './input.rules.js';
import { DEARER, headersOf, LimitsService, refuseIfEmpty } from './limits.service.js';

/** Who answers a contract: another service, or the gateway for its own. */
export type Answerer = (input: never, by: Actor) => Promise<unknown>;

/** What happens to every request, in this order: who is it (401), how often (429), may they (403), what do they want (400, 428), once (409, 422), the answer. */
@Injectable()
export class DoorService {
  constructor(private readonly callers: CallersService, private readonly limits: LimitsService, private readonly idempotency: IdempotencyService, @Inject(ENV) private readonly env: GatewayEnv) {}

  /** Before the body is read. Leaves the caller in `request.by`. */
  async admit(contract: Request, request: FastifyRequest, reply: FastifyReply) {
    const address = addressOf(request, this.env.PARLEY_TRUST_PROXY);
    const stranger = { kind: 'address' as const, id: address };
    let by: Actor;
    try {
      by = await this.callers.behind(contract.scope, bearer(request.headers.authorization), request.headers.origin);
    } catch (error) {
      refuseIfEmpty(this.take(reply, stranger));
      throw error;
    }
    const dearer = DEARER.get(contract);
    const more = dearer ? [{ kind: dearer, id: by.id ?? address }] : [];
    refuseIfEmpty(by.id === null ? this.take(reply, stranger, ...more) : this.take(reply, { kind: by.type === 'customer' ? 'visitor' : 'principal', id: by.id }, { kind: 'account', id: by.account }, ...more));
    if (!allows(by.scopes, contract.scope)) throw new ContractError('SCOPE_MISSING', contract.scope === 'person' ? 'Only a signed-in person may do that' : `Needs ${contract.scope}`);
    request.by = { ...by, address };
  }

  async answer(contract: Request, answerer: Answerer, request: FastifyRequest, reply: FastifyReply) {
    const input = contract.input.safeParse(inputOf(contract, request));
    if (!input.success) throw new ContractError('VALIDATION_FAILED', 'Some fields are not right', { errors: problems(input.error) });
    const work = async (by: Actor) => ({ status: contract.status ?? 200, body: await ask(contract, answerer, input.data, by) });
    const by = request.by ?? nobody();
    const once = { key: request.headers['idempotency-key'] as string | undefined, input: input.data, by, traceId: request.id };
    const answer = repeatable(contract, endpointOf(contract)!) ? await this.idempotency.once(contract, once, work) : await work(by);
    return send(reply, answer);
  }

  private take(reply: FastifyReply, ...callers: Parameters<LimitsService['take']>) {
    const taken = this.limits.take(...callers);
    void reply.headers(headersOf(taken));
    return taken;
  }
}

/** Asks; where an answer was lost, once more: with the same command id a repeat has no second effect, and a question that changes nothing never had. */
async function ask(contract: Request, answerer: Answerer, input: unknown, by: Actor): Promise<unknown> {
  const once = async () => contract.output.parse(await answerer(input as never, by));
  const repeats = by.command !== undefined || contract.http?.startsWith('GET');
  try {
    return await once().catch((error: unknown) => {
      if (repeats && error instanceof ContractError && error.code === 'UNAVAILABLE') return once();
      throw error;
    });
  } catch (error) {
    throw refusal(contract, error);
  }
}

function send(reply: FastifyReply, { status, body, replayed }: { status: number; body: unknown; replayed?: boolean }) {
  if (replayed) void reply.header('idempotency-replayed', 'true');
  const { version } = (body ?? {}) as { version?: unknown };
  if (typeof version === 'number') void reply.header('etag', etagOf(version));
  if (status >= 400) void reply.type('application/problem+json; charset=utf-8');
  return status === 204 ? reply.status(204).send() : reply.status(status).send(body);
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null before they were admitted. */
    by: Actor | null;
  }
}
