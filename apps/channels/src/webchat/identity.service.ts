import { Injectable } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose';
import type { ConnectedChannel } from '../adapter.js';
import { audienceOf, LEEWAY, PUBLIC_KEY_ALGORITHMS, SECRET_ALGORITHM, type Visitor, visitorOf } from './identity.rules.js';
import { KeyRing } from './key-ring.js';

/** Somebody whom the brand vouches for. `once`: the token names itself, and is good for one start; `until`: when it would not be taken anyway, in seconds. */
export type Proof = { visitor: Visitor; once: string | null; until: number };
type Vouching = Pick<ConnectedChannel, 'widgetKey' | 'credentials' | 'settings'>;

@Injectable()
export class IdentityService {
  constructor(private readonly keys: KeyRing) {}

  /**
   * Who a visitor is, proven by the brand's signature (CHAT-2). By the real time, as the brand's server knows no other; `at` for tests.
   * @throws ContractError IDENTITY_TOKEN_EXPIRED, IDENTITY_TOKEN_INVALID; UNAVAILABLE where the brand's keys cannot be had
   */
  async verify(channel: Vouching, token: string, at?: Date): Promise<Proof> {
    const options = { audience: audienceOf(channel.widgetKey ?? ''), requiredClaims: ['sub', 'exp', 'aud'], clockTolerance: LEEWAY, ...(at && { currentDate: at }) };
    const payload = await this.payload(channel, token, options).catch((error: unknown) => {
      if (error instanceof ContractError) throw error;
      if (error instanceof errors.JWTExpired) throw new ContractError('IDENTITY_TOKEN_EXPIRED', 'The identity token has expired');
      throw new ContractError('IDENTITY_TOKEN_INVALID', error instanceof errors.JOSEError ? error.message : 'The identity token cannot be read');
    });
    const visitor = visitorOf(payload, (at?.getTime() ?? performance.timeOrigin + performance.now()) / 1000);
    if ('refused' in visitor) throw new ContractError('IDENTITY_TOKEN_INVALID', visitor.refused);
    return { visitor, once: payload.jti ?? null, until: payload.exp! + LEEWAY };
  }

  /** The token says which algorithm it was signed by; which are taken is the channel's to say: each has keys of its own, so none can stand for another's (security.md 20). */
  private async payload({ credentials, settings }: Vouching, token: string, options: JWTVerifyOptions): Promise<JWTPayload> {
    const { alg } = decodeProtectedHeader(token);
    const { identitySecret, formerIdentitySecret } = credentials as { identitySecret?: string; formerIdentitySecret?: string };
    const secrets = [identitySecret, formerIdentitySecret].filter((one) => one !== undefined);
    if (alg === SECRET_ALGORITHM && secrets.length) return byOneOf(secrets, token, { ...options, algorithms: [SECRET_ALGORITHM] });
    const url = settings.jwksUrl as string | null | undefined;
    if (!url || !PUBLIC_KEY_ALGORITHMS.includes(alg ?? '')) throw new errors.JOSEAlgNotAllowed('"alg" is not one that this widget takes');
    return (await jwtVerify(token, (header, jws) => this.keys.key(url, header, jws), { ...options, algorithms: PUBLIC_KEY_ALGORITHMS })).payload;
  }
}

/** By the present secret or, while it is changed, by the one before. */
async function byOneOf([secret, ...others]: string[], token: string, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, new TextEncoder().encode(secret), options)).payload;
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed && others.length) return byOneOf(others, token, options);
    throw error;
  }
}
