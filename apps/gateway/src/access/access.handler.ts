import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { access } from '@parley/contracts/access';
import { SCOPES, type Actor, type Answers, type Input } from '@parley/contracts/contract';
import { logger, errorFields } from '@parley/service/logging';
import { AccountsService } from './accounts.service.js';
import { ApiKeysService } from './api-keys.service.js';
import { AuditService } from './audit.service.js';
import { PeopleService } from './people.service.js';
import { SessionsService } from './sessions.service.js';

const HOUR_MS = 3_600_000;

/** Answers the `access` contracts. The gateway asks it directly: they are its own. */
@Injectable()
export class AccessHandler implements Answers<typeof access>, OnModuleDestroy {
  private readonly housekeeping = setInterval(() => void this.sessions.forgetOld().catch((error) => logger.warn(errorFields(error), 'housekeeping failed')), HOUR_MS).unref();

  constructor(
    private readonly accounts: AccountsService, private readonly people: PeopleService, private readonly sessions: SessionsService,
    private readonly keys: ApiKeysService, private readonly audit: AuditService,
  ) {}

  onModuleDestroy() { clearInterval(this.housekeeping); }

  signUp(input: Input<typeof access.signUp>, by: Actor) { return this.accounts.signUp(input, by); }
  login(input: Input<typeof access.login>, by: Actor) { return this.sessions.login(input, by); }
  refresh(input: Input<typeof access.refresh>, by: Actor) { return this.sessions.refresh(input, by); }
  logout(input: Input<typeof access.logout>) { return this.sessions.logout(input); }
  async me(_input: Input<typeof access.me>, by: Actor) {
    const [user, account] = [await this.people.get(by.id!, by), await this.accounts.get(by)];
    return { user, account, scopes: SCOPES.filter((scope) => by.scopes.includes(scope)) };
  }
  setAvailability(input: Input<typeof access.setAvailability>, by: Actor) { return this.people.setAvailability(input, by); }
  getAccount(_input: Input<typeof access.getAccount>, by: Actor) { return this.accounts.get(by); }
  updateAccount(input: Input<typeof access.updateAccount>, by: Actor) { return this.accounts.update(input, by); }
  listUsers(input: Input<typeof access.listUsers>, by: Actor) { return this.people.list(input, by); }
  createUser(input: Input<typeof access.createUser>, by: Actor) { return this.people.create(input, by); }
  getUser({ id }: Input<typeof access.getUser>, by: Actor) { return this.people.get(id, by); }
  updateUser(input: Input<typeof access.updateUser>, by: Actor) { return this.people.update(input, by); }
  deactivateUser({ id, ifMatch }: Input<typeof access.deactivateUser>, by: Actor) { return this.people.update({ id, ifMatch, active: false }, by); }
  listApiKeys(input: Input<typeof access.listApiKeys>, by: Actor) { return this.keys.list(input, by); }
  createApiKey(input: Input<typeof access.createApiKey>, by: Actor) { return this.keys.create(input, by); }
  revokeApiKey(input: Input<typeof access.revokeApiKey>, by: Actor) { return this.keys.revoke(input, by); }
  listAudit(input: Input<typeof access.listAudit>, by: Actor) { return this.audit.list(input, by); }
  checkAudit(_input: Input<typeof access.checkAudit>, by: Actor) { return this.audit.check(by); }
}
