import { Inject, Injectable } from '@nestjs/common';
import { attachments } from '@parley/contracts/attachments';
import type { Request } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { webchat } from '@parley/contracts/webchat';
import { ENV } from '@parley/service/service';
import type { GatewayEnv } from '../gateway.config.js';
import { takeOne, type Bucket, type Taken } from './rate-limit.rules.js';

/**
 * An account may send as much as ten of its people, nobody known from one network address as much as one; a visitor asks a tenth of that. Of what a visitor does,
 * some is dearer: messages, files, and chats that are started from one address.
 */
const SHARE = { principal: 1, account: 10, address: 1, visitor: 1 / 10, message: 1 / 50, upload: 1 / 200, start: 1 / 50 };
/** What has a bucket of its own beside that of whoever asks. */
export const DEARER: ReadonlyMap<Request, keyof typeof SHARE> = new Map<Request, keyof typeof SHARE>([[webchat.start, 'start'], [webchat.send, 'message'], [attachments.uploadAsVisitor, 'upload']]);
const REMEMBERED = 50_000;

/**
 * Token buckets in the memory of this process: with n gateways a caller may reach n times the limit, which costs nothing to anybody else; what must hold
 * exactly (guesses of passwords) is counted in Postgres.
 */
@Injectable()
export class LimitsService {
  private readonly buckets = new Map<string, Bucket>();

  constructor(@Inject(ENV) private readonly env: GatewayEnv) {}

  /** Takes one from each bucket; answers the one with the least left. @throws ContractError RATE_LIMITED */
  take(...callers: { kind: keyof typeof SHARE; id: string }[]): Taken {
    const taken = callers.map(({ kind, id }) => this.takeFrom(`${kind} ${id}`, Math.max(1, Math.round(this.env.PARLEY_RATE_LIMIT_PER_MINUTE * SHARE[kind]))));
    return taken.reduce((a, b) => (a.allowed !== b.allowed ? (a.allowed ? b : a) : a.remaining <= b.remaining ? a : b));
  }

  private takeFrom(name: string, perMinute: number): Taken {
    const taken = takeOne(this.buckets.get(name), perMinute, performance.now());
    // Forgetting a bucket fills it: the oldest go, in the order they were first seen.
    if (this.buckets.size >= REMEMBERED && !this.buckets.has(name)) this.buckets.delete(this.buckets.keys().next().value!);
    this.buckets.set(name, taken.bucket);
    return taken;
  }
}

/** What every answer says of the bucket (RateLimit headers), and what is thrown when it is empty. */
export const headersOf = ({ limit, remaining, resetSeconds }: Taken) => ({ 'ratelimit-limit': limit, 'ratelimit-remaining': remaining, 'ratelimit-reset': resetSeconds });
export const refuseIfEmpty = ({ allowed, retryAfterSeconds }: Taken) => {
  if (!allowed) throw new ContractError('RATE_LIMITED', 'Slow down', { retryAfterSeconds });
};
