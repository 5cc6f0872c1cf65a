import { Injectable } from '@nestjs/common';
import { access } from '@parley/contracts/access';
import type { Actor, Request } from '@parley/contracts/contract';
import { ContractError, ERRORS } from '@parley/contracts/errors';
import { newId } from '@parley/service/ids';
import { createHash } from 'node:crypto';
import { IdempotencyRepository, type Answer } from './idempotency.repository.js';
import { problemOf } from './problem.rules.js';

/** Answers that hold a secret are never kept: a repeat is carried out again under its command id, and the service finds what it made the first time. */
const SECRET_ANSWERS = new Set<Request>([access.createApiKey]);

/** A POST under an Idempotency-Key happens once: for 24 hours the same key and request get the same answer. */
@Injectable()
export class IdempotencyService {
  constructor(private readonly records: IdempotencyRepository) {}

  /**
   * Carries out `work` under a command id that repeats share. Success and refusals are kept; after anything that leaves the outcome open (503, 500, 429) the
   * same request may be sent again at once. @throws ContractError IDEMPOTENCY_KEY_REUSED, REQUEST_IN_PROGRESS, VALIDATION_FAILED
   */
  async once(contract: Request, { key, input, by, traceId }: Once, work: (by: Actor) => Promise<Answer>): Promise<Answer & { replayed?: boolean }> {
    if (key === undefined) return work({ ...by, command: newId() });
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw new ContractError('VALIDATION_FAILED', 'The Idempotency-Key is not usable', { errors: [{ pointer: '', message: 'Idempotency-Key: 1 to 255 visible ASCII characters' }] });
    const claim = await this.records.claim(by, key, hashOf(contract, input));
    if (claim.ours) return this.carryOut(contract, { key, by: { ...by, command: claim.command }, traceId }, work);
    if (!claim.sameRequest) throw new ContractError('IDEMPOTENCY_KEY_REUSED', 'The key came with another request before');
    if (claim.running) throw new ContractError('REQUEST_IN_PROGRESS', 'The first request with this key has not been answered yet');
    return { ...(claim.answer ?? (await work({ ...by, command: claim.command }))), replayed: true };
  }

  private async carryOut(contract: Request, { key, by, traceId }: { key: string; by: Actor; traceId: string }, work: (by: Actor) => Promise<Answer>): Promise<Answer> {
    let answer: Answer;
    try {
      answer = await work(by);
    } catch (error) {
      const final = error instanceof ContractError && isFinal(error);
      if (final) await this.records.keep(by, key, problemOf(error, traceId));
      else await this.records.release(by, key).catch(() => undefined);
      throw error;
    }
    await this.records.keep(by, key, SECRET_ANSWERS.has(contract) ? null : answer);
    return answer;
  }
}

type Once = { key: string | undefined; input: unknown; by: Actor; traceId: string };
const isFinal = ({ code }: ContractError) => ERRORS[code].status < 500 && code !== 'RATE_LIMITED';

/** The request as it was understood: order and spacing of its JSON do not matter. */
const hashOf = (contract: Request, input: unknown) => createHash('sha256').update(`${contract.subject} ${JSON.stringify(sorted(input))}`).digest();
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, sorted(inner)]);
};
