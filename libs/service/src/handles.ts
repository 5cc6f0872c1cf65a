import { Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload, RpcException, Transport, type NatsContext } from '@nestjs/microservices';
import { allows } from '@parley/contracts/access';
import type { Actor, Input, Output, Request } from '@parley/contracts/contract';
import { ContractError, type ErrorCode } from '@parley/contracts/errors';
import type { z } from 'zod';
import { errorFields, logger } from './logging.js';
import { isInfrastructure } from './tx.js';
import { ACTOR_HEADER, ActorVerifier, COMMAND_HEADER, subjectOf, toWire } from './wire.js';

/** Refusals that any question may meet, listed or not. */
const ALWAYS: readonly ErrorCode[] = ['VALIDATION_FAILED', 'NOT_SIGNED_IN', 'SCOPE_MISSING', 'NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE'];
const VERIFIER = Symbol('verifier');

/**
 * The method answers this question over NATS. What it gets is parsed by the contract, and so is what it gives; the actor
 * is verified and must hold the contract’s scope. Refusals that the contract lists reach the caller, all else is INTERNAL.
 */
export const Handles = <R extends Request>(contract: R) =>
  <F extends (input: Input<R>, by: Actor) => Promise<Output<R>>>(target: object, name: string, descriptor: TypedPropertyDescriptor<F>) => {
    const answer = descriptor.value!;
    const handler = async function (this: { [VERIFIER]: ActorVerifier }, raw: unknown, context: NatsContext) {
      try {
        const headers = context.getHeaders() as { get(name: string): string } | undefined;
        const by = { ...(await this[VERIFIER].verify(headers?.get(ACTOR_HEADER))), command: headers?.get(COMMAND_HEADER) || undefined } as Actor;
        if (!allows(by.scopes, contract.scope)) throw new ContractError('SCOPE_MISSING', `Needs ${contract.scope}`);
        return await answerOne(contract, raw, (input) => answer.call(this, input, by));
      } catch (error) {
        throw new RpcException(toWire(refusal(contract, error)));
      }
    };
    descriptor.value = handler as never;
    if (!Reflect.hasOwnMetadata(VERIFIER, target)) Inject(ActorVerifier)(target, VERIFIER);
    Reflect.defineMetadata(VERIFIER, true, target);
    Payload()(target, name, 0);
    Ctx()(target, name, 1);
    MessagePattern(subjectOf(contract), Transport.NATS)(target, name, descriptor);
  };

/** Parses, answers, parses: the same for questions over NATS and for those the gateway answers itself. */
export async function answerOne<R extends Request>(contract: R, raw: unknown, answer: (input: Input<R>) => Promise<Output<R>>): Promise<Output<R>> {
  const input = contract.input.safeParse(raw ?? {});
  if (!input.success) throw new ContractError('VALIDATION_FAILED', 'Some fields are not right', { errors: problems(input.error) });
  return contract.output.parse(await answer(input.data as Input<R>)) as Output<R>;
}

/** What was wrong with each field, by JSON pointer (RFC 6901). */
export const problems = (error: z.ZodError) =>
  error.issues.flatMap((issue) => {
    const at = issue.path.map((part) => `/${String(part).replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ pointer: `${at}/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`, message: 'is not known here' }));
    return [{ pointer: at, message: issue.message }];
  });

/** What may be told: listed refusals as they are, a dependency that is away as UNAVAILABLE, everything else as INTERNAL, logged. */
export function refusal(contract: Request, error: unknown): ContractError {
  if (error instanceof ContractError && (contract.errors.includes(error.code) || ALWAYS.includes(error.code))) return error;
  if (isInfrastructure(error)) {
    logger.warn({ ...errorFields(error), subject: contract.subject }, 'question not answered');
    return new ContractError('UNAVAILABLE', 'Something that is needed for it does not answer');
  }
  logger.error({ ...errorFields(error), subject: contract.subject, code: error instanceof ContractError ? error.code : undefined }, 'question failed');
  return new ContractError('INTERNAL', 'Something broke on our side');
}
