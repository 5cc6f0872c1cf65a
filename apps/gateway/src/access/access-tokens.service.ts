import { Inject, Injectable } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import { ENV } from '@parley/service/service';
import { errors, jwtVerify, SignJWT } from 'jose';
import { createHash, hkdfSync } from 'node:crypto';
import type { GatewayEnv } from '../gateway.config.js';

const LIFE_SECONDS = 600;
const CLAIMS = { issuer: 'parley', audience: 'parley-api' };

/**
 * Access tokens of people: JWT, HS256, ten minutes. The key is derived from PARLEY_SECRET_KEY for this purpose alone: only gateways make and read these
 * tokens, so no second party needs a public key. A token names a session; what its person may do is asked of the session each time.
 */
@Injectable()
export class AccessTokensService {
  private readonly key: Uint8Array;
  private readonly kid: string;

  constructor(@Inject(ENV) env: GatewayEnv) {
    this.key = new Uint8Array(hkdfSync('sha256', Buffer.from(env.PARLEY_SECRET_KEY, 'base64'), '', 'parley access token', 32));
    this.kid = createHash('sha256').update(this.key).digest('hex').slice(0, 8);
  }

  async sign(session: string): Promise<{ accessToken: string; accessTokenExpiresAt: string }> {
    const token = new SignJWT({ sid: session }).setProtectedHeader({ alg: 'HS256', kid: this.kid, typ: 'at+jwt' });
    const accessToken = await token.setIssuer(CLAIMS.issuer).setAudience(CLAIMS.audience).setIssuedAt().setNotBefore('0s').setExpirationTime(`${LIFE_SECONDS}s`).sign(this.key);
    const { payload } = await jwtVerify(accessToken, this.key);
    return { accessToken, accessTokenExpiresAt: new Date(payload.exp! * 1000).toISOString() };
  }

  /** The session that the token names. @throws ContractError TOKEN_EXPIRED, NOT_SIGNED_IN */
  async sessionOf(token: string): Promise<string> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.key, { ...CLAIMS, algorithms: ['HS256'], typ: 'at+jwt', requiredClaims: ['exp', 'nbf', 'sid'] });
      if (protectedHeader.kid !== this.kid || typeof payload['sid'] !== 'string') throw new errors.JWTInvalid('not of this key');
      return payload['sid'];
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new ContractError('TOKEN_EXPIRED', 'The access token has expired');
      throw new ContractError('NOT_SIGNED_IN', 'The access token is not valid');
    }
  }
}
