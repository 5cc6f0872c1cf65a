import { Injectable } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import { errors, jwtVerify } from 'jose';
import type { ConnectedChannel } from '../adapter.js';
import { ALGORITHMS, audienceOf, LEEWAY, type Visitor, visitorOf } from './identity.rules.js';

@Injectable()
export class IdentityService {
  /**
   * Who a visitor is, proven by the brand's signature (CHAT-2). By the real time, as the brand's server knows no other; `at` for tests.
   * @throws ContractError IDENTITY_TOKEN_EXPIRED, IDENTITY_TOKEN_INVALID
   */
  async verify(channel: Pick<ConnectedChannel, 'widgetKey' | 'credentials'>, token: string, at?: Date): Promise<Visitor> {
    const secret = new TextEncoder().encode(String(channel.credentials.identitySecret));
    const options = { algorithms: ALGORITHMS, audience: audienceOf(channel.widgetKey ?? ''), requiredClaims: ['sub', 'exp', 'aud'], clockTolerance: LEEWAY };
    try {
      const { payload } = await jwtVerify(token, secret, { ...options, ...(at && { currentDate: at }) });
      const visitor = visitorOf(payload, (at?.getTime() ?? performance.timeOrigin + performance.now()) / 1000);
      if ('refused' in visitor) throw new ContractError('IDENTITY_TOKEN_INVALID', visitor.refused);
      return visitor;
    } catch (error) {
      if (error instanceof ContractError) throw error;
      if (error instanceof errors.JWTExpired) throw new ContractError('IDENTITY_TOKEN_EXPIRED', 'The identity token has expired');
      throw new ContractError('IDENTITY_TOKEN_INVALID', error instanceof errors.JOSEError ? error.message : 'The identity token cannot be read');
    }
  }
}
