import { Injectable } from '@nestjs/common';
import type { Actor, Guard } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { webchat } from '@parley/contracts/webchat';
import { errorFields, logger } from '@parley/service/logging';
import { Services } from '@parley/service/services';
import { AccessTokensService } from '../access/access-tokens.service.js';
import { ApiKeysService } from '../access/api-keys.service.js';
import { StandingService, type Credential } from '../access/standing.service.js';
import { hashOf, isKey } from '../access/api-key.rules.js';

/** Nobody known yet: who asks a public question. */
export const nobody = (address?: string): Actor => ({ account: '00000000-0000-0000-0000-000000000000', type: 'system', id: null, scopes: [], address });

/** Tells from a token who is calling. */
@Injectable()
export class CallersService {
  constructor(
    private readonly tokens: AccessTokensService, private readonly standing: StandingService, private readonly keys: ApiKeysService, private readonly services: Services,
  ) {}

  /** Who may ask something behind this guard. @throws ContractError NOT_SIGNED_IN, TOKEN_EXPIRED, SESSION_REVOKED */
  async behind(guard: Guard, token: string | undefined, origin?: string): Promise<Actor> {
    if (guard === 'public') return nobody();
    if (!token) throw new ContractError('NOT_SIGNED_IN', 'The request has no Authorization: Bearer header');
    return guard === 'visitor' ? this.visitor(token, origin) : this.staff(await this.credentialOf(token));
  }

  /** What a token of staff or of a program stands for; whether it still does, `staff` tells. */
  async credentialOf(token: string): Promise<Credential> {
    if (!token.startsWith('plk_')) return { kind: 'session', id: await this.tokens.sessionOf(token) };
    if (!isKey(token)) throw new ContractError('NOT_SIGNED_IN', 'That is no API key: is it complete?');
    return { kind: 'key', id: hashOf(token).toString('hex') };
  }

  async staff(credential: Credential): Promise<Actor> {
    const actor = await this.standing.of(credential);
    if (!actor) throw credential.kind === 'key' ? new ContractError('NOT_SIGNED_IN', 'The API key is not known, or was revoked') : new ContractError('SESSION_REVOKED', 'This session has ended');
    if (credential.kind === 'key') void this.keys.noteUse(actor).catch((error) => logger.warn(errorFields(error), 'use of a key not noted'));
    return actor;
  }

  /** The owner of a web chat session, on a page of this origin. @throws ContractError SESSION_REVOKED, ORIGIN_NOT_ALLOWED */
  async visitor(sessionToken: string, origin?: string): Promise<Actor> {
    const { account, sessionId } = await this.services.ask(webchat.authenticate, { sessionToken: sessionToken.slice(0, 256), origin: origin?.slice(0, 300) }, { ...nobody(), scopes: ['internal'] });
    return { account, type: 'customer', id: sessionId, scopes: ['visitor'] };
  }
}

/** The token of an `Authorization: Bearer …` header. */
export const bearer = (header: string | undefined) => /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
