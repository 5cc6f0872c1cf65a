import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { serviceClock } from '@parley/contracts/clock';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { holder, HOLDERS, person as whoIs, type Holder, type Person, type privacy } from '@parley/contracts/privacy';
import { FileStore } from '@parley/service/files';
import { newId } from '@parley/service/ids';
import { errorFields, logger } from '@parley/service/logging';
import { marksOf } from '@parley/service/privacy';
import { Secrets } from '@parley/service/secrets';
import { ENV } from '@parley/service/service';
import { Services } from '@parley/service/services';
import { within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import type { GatewayEnv } from '../gateway.config.js';
import { ErasuresRepository, toErasure } from './erasures.repository.js';

const SWEEP_MS = 2000;
const AGAIN_SECONDS = 1;
const AFTER_TROUBLE_SECONDS = 10;

/**
 * PRO-6: asks every service to erase somebody, one after the other, until each has answered. Who they are is kept, sealed, until then: a service that is away
 * is asked again, by any gateway.
 */
@Injectable()
export class ErasuresService implements OnModuleInit, OnModuleDestroy {
  private readonly secrets: Secrets;
  private sweep?: NodeJS.Timeout;
  private working: Promise<void> | null = null;

  constructor(
    private readonly db: DataSource, private readonly erasures: ErasuresRepository, private readonly services: Services, private readonly audit: AuditService,
    private readonly files: FileStore, @Inject(ENV) env: GatewayEnv,
  ) {
    this.secrets = new Secrets(env.PARLEY_SECRET_KEY);
  }

  onModuleInit() {
    this.sweep = setInterval(() => this.work(), SWEEP_MS).unref();
  }

  async onModuleDestroy() {
    clearInterval(this.sweep);
    await this.working;
  }

  /** @throws ContractError PROFILE_NOT_FOUND */
  async begin({ id: profileId }: Input<typeof privacy.erase>, by: Actor) {
    const person = await this.services.ask(whoIs, { profileId }, inside(by));
    const erasure = await within(this.db, by, async (tx) => {
      const id = newId();
      await this.erasures.add(tx, { id, profileId: person.profileIds[0]!, person: this.secrets.seal(JSON.stringify(person)) });
      await this.audit.record(tx, { action: 'profile.erasure_requested', resource: `profile/${person.profileIds[0]}`, after: { erasureId: id } });
      return this.read(tx, id);
    }, (tx, id) => this.read(tx, id));
    this.work();
    return erasure;
  }

  /** @throws ContractError ERASURE_NOT_FOUND */
  get({ id }: Input<typeof privacy.erasure>, by: Actor) {
    return within(this.db, by, (tx) => this.read(tx, id));
  }

  private async read(tx: Tx, id: string) {
    const found = await this.erasures.find(tx, id);
    if (!found) throw new ContractError('ERASURE_NOT_FOUND', `No erasure ${id}`);
    return toErasure(HOLDERS, found);
  }

  /** One at a time and process; whatever is due. */
  private work() {
    this.working ??= this.workOff().catch((error) => logger.warn(errorFields(error), 'erasures not looked at')).finally(() => (this.working = null));
  }

  private async workOff() {
    for (let taken = await this.erasures.take(); taken; taken = await this.erasures.take()) {
      const { id, account } = taken;
      const by: Actor = { account, type: 'system', id: null, scopes: ['internal'] };
      const isDone = await this.goOn(id, by).catch(async (error) => {
        logger.warn({ ...errorFields(error), erasure: id }, 'erasure waits for a service');
        await this.erasures.later(id, AFTER_TROUBLE_SECONDS);
        return true;
      });
      if (!isDone) await this.erasures.later(id, AGAIN_SECONDS).then(() => setTimeout(() => this.work(), AGAIN_SECONDS * 1000).unref());
    }
  }

  /** Asks those who have not answered yet; false: somebody is still at it. Whoever hears of the person is asked when there is nothing left for them to hear. */
  private async goOn(id: string, by: Actor): Promise<boolean> {
    const request = await within(this.db, by, (tx) => this.erasures.find(tx, id));
    if (!request?.person) return true;
    const person = JSON.parse(this.secrets.open(request.person)) as Person;
    for (const service of HOLDERS.filter((one) => !request.answers[one])) {
      if (!(await this.ask(service, { erasureId: id, person }, by))) return false;
      await within(this.db, by, (tx) => this.erasures.answered(tx, id, service));
    }
    for (const sha256 of person.files) await this.files.remove(by.account, sha256);
    await within(this.db, by, async (tx) => {
      await this.erasures.forgetAnswers(tx, marksOf(person));
      await this.erasures.done(tx, id);
      await this.audit.record(tx, { action: 'profile.erased', resource: `profile/${request.profileId}`, after: { erasureId: id } });
    });
    return true;
  }

  private async ask(service: Holder, question: { erasureId: string; person: Person }, by: Actor): Promise<boolean> {
    const { settled } = await this.services.ask(serviceClock(service).settled, {}, by);
    return settled && (await this.services.ask(holder(service).erase, question, by)).done;
  }
}

/** Asks in somebody's name what only our own services may. */
const inside = (by: Actor): Actor => ({ ...by, scopes: ['internal'] });
