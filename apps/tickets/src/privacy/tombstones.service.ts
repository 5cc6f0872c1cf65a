import { Inject, Injectable } from '@nestjs/common';
import type { Identifier } from '@parley/contracts/channels';
import { ContractError } from '@parley/contracts/errors';
import { Secrets } from '@parley/service/secrets';
import { ENV } from '@parley/service/service';
import type { Tx } from '@parley/service/tx';
import type { TicketsEnv } from '../tickets.config.js';
import { TombstonesRepository } from './tombstones.repository.js';

type Named = Pick<Identifier, 'type' | 'value'>;

/** PRO-6: what is left of an erased identifier is a hash under the installation's key, by which it is not imported again. Somebody who writes by themselves is somebody new. */
@Injectable()
export class TombstonesService {
  private readonly secrets: Secrets;

  constructor(private readonly tombstones: TombstonesRepository, @Inject(ENV) env: TicketsEnv) {
    this.secrets = new Secrets(env.PARLEY_SECRET_KEY);
  }

  put(tx: Tx, identifiers: readonly Named[]): Promise<void> {
    return this.tombstones.put(tx, identifiers.map((one) => this.hash(tx, one)));
  }

  /** Refuses with IDENTIFIER_ERASED where one of them belonged to somebody who was erased. */
  async refuse(tx: Tx, identifiers: readonly Named[]): Promise<void> {
    if ((await this.living(tx, identifiers)).length < identifiers.length) throw new ContractError('IDENTIFIER_ERASED', 'Somebody with this identifier was erased');
  }

  /** Those of the identifiers that nobody had who was erased. */
  async living<I extends Named>(tx: Tx, identifiers: readonly I[]): Promise<I[]> {
    if (!identifiers.length) return [];
    const erased = await this.tombstones.among(tx, identifiers.map((one) => this.hash(tx, one)));
    return identifiers.filter((one) => !erased.has(this.hash(tx, one)));
  }

  private hash(tx: Tx, { type, value }: Named): string {
    return this.secrets.mac('erased', tx.by.account, type, value);
  }
}
