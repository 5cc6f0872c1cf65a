import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Actor, Request } from '@parley/contracts/contract';
import { ContractError, ERRORS, type ErrorCode } from '@parley/contracts/errors';
import { jwtVerify, SignJWT } from 'jose';

/** Subject of a question: `rpc.<service>.<resource>.<verb>.v1`; the prefix comes from the connection. */
export const subjectOf = (contract: Request) => `rpc.${contract.subject}.v1`;
export const serviceOf = (contract: Request) => contract.subject.slice(0, contract.subject.indexOf('.'));

export const ACTOR_HEADER = 'Parley-Actor';
export const COMMAND_HEADER = 'Parley-Command-Id';

export const privateKeyOf = (base64: string) => createPrivateKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'pkcs8' });
export const publicKeyOf = (base64: string) => createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });

/** Tokens are good for 60 seconds and made anew after 30, so that a busy session costs no signature per question. */
const REUSED_MS = 30_000;

/** Signs on whose behalf the gateway asks: an EdDSA JWT for one service (security.md 19). */
export class ActorSigner {
  private readonly made = new Map<string, { token: string; at: number }>();
  constructor(private readonly key: KeyObject) {}

  async sign({ account, type, id, scopes, address }: Actor, service: string): Promise<string> {
    const name = `${service} ${account} ${type} ${id} ${address} ${scopes.join(',')}`;
    const known = this.made.get(name);
    if (known && performance.now() - known.at < REUSED_MS) return known.token;
    const token = await new SignJWT({ account, type, scopes, address }).setProtectedHeader({ alg: 'EdDSA' }).setIssuer('parley-gateway').setAudience(service).setSubject(id ?? '').setIssuedAt().setExpirationTime('60s').sign(this.key);
    if (this.made.size > 10_000) this.made.clear();
    this.made.set(name, { token, at: performance.now() });
    return token;
  }
}

/** Checks who asks. @throws ContractError NOT_SIGNED_IN for anything but a valid token of our gateway for this service. */
export class ActorVerifier {
  private readonly known = new Map<string, { actor: Actor; until: number }>();
  constructor(private readonly key: KeyObject, private readonly service: string) {}

  async verify(token: string | undefined): Promise<Actor> {
    if (!token) throw new ContractError('NOT_SIGNED_IN', 'The question names no actor');
    const known = this.known.get(token);
    if (known && known.until > performance.now()) return known.actor;
    try {
      const { payload } = await jwtVerify(token, this.key, { algorithms: ['EdDSA'], issuer: 'parley-gateway', audience: this.service, clockTolerance: 5 });
      const actor = { account: payload['account'], type: payload['type'], id: payload.sub || null, scopes: payload['scopes'], address: payload['address'] } as Actor;
      if (this.known.size > 10_000) this.known.clear();
      this.known.set(token, { actor, until: performance.now() + Math.max(0, payload.exp! * 1000 - Number(payload.iat) * 1000 - REUSED_MS) });
      return actor;
    } catch {
      throw new ContractError('NOT_SIGNED_IN', 'The actor of the question is not valid');
    }
  }
}

/** A refusal as it travels between our services. */
export const toWire = (error: ContractError) => ({ code: error.code, message: error.message, more: error.more });

/** The refusal that came back, or UNAVAILABLE for everything that is none: nobody there, too late, cut off. */
export function fromWire(error: unknown): ContractError {
  const { code, message, more } = (error ?? {}) as { code?: string; message?: string; more?: Record<string, unknown> };
  if (typeof code === 'string' && code in ERRORS) return new ContractError(code as ErrorCode, message ?? '', more ?? {});
  return new ContractError('UNAVAILABLE', 'The service does not answer');
}
