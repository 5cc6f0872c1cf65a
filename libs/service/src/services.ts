import { createRequire } from 'node:module';
import { ClientNats, NatsRecordBuilder } from '@nestjs/microservices';
import type { Actor, Ask, Output, Request } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { firstValueFrom, timeout } from 'rxjs';
import type { Broker } from './broker.js';
import { PATIENCE } from './patience.js';
import { ACTOR_HEADER, type ActorSigner, COMMAND_HEADER, fromWire, serviceOf, subjectOf } from './wire.js';

const { headers: natsHeaders } = createRequire(import.meta.url)('@nats-io/transport-node') as typeof import('@nats-io/transport-node');

/** After this many failures in a row a service is not asked for a while: answers come at once. */
const BREAKER_FAILURES = 5;
const BREAKER_MS = 2000;

/** Asks other services, in the name of an actor. The gateway alone holds the key to sign with. */
export class Services {
  private readonly failures = new Map<string, { count: number; until: number }>();

  constructor(private readonly client: ClientNats, private readonly signer: ActorSigner | null, private readonly prefix: string, private readonly broker: Pick<Broker, 'connected'>, private readonly patience = PATIENCE) {}

  /**
   * Asks and answers what the contract promises.
   * @throws ContractError: the service’s refusal, or UNAVAILABLE when nobody is there or the answer is late.
   */
  async ask<R extends Request>(contract: R, input: Ask<R>, by: Actor): Promise<Output<R>> {
    if (!this.signer) throw new Error('only the gateway asks in the name of an actor');
    const service = serviceOf(contract);
    if (!this.broker.connected) throw new ContractError('UNAVAILABLE', 'The broker is away');
    this.refuseWhileBroken(service);
    const headers = natsHeaders();
    headers.set(ACTOR_HEADER, await this.signer.sign(by, service));
    if (by.command) headers.set(COMMAND_HEADER, by.command);
    const record = new NatsRecordBuilder(input).setHeaders(headers).build();
    const waitMs = contract.http?.startsWith('GET') ? this.patience.read : this.patience.write;
    try {
      const reply = await firstValueFrom(this.client.send<unknown>(`${this.prefix}.${subjectOf(contract)}`, record).pipe(timeout(waitMs)));
      this.failures.delete(service);
      return contract.output.parse(reply) as Output<R>;
    } catch (error) {
      const refusal = fromWire(error);
      if (refusal.code === 'UNAVAILABLE') this.countFailure(service);
      else this.failures.delete(service);
      throw refusal;
    }
  }

  private refuseWhileBroken(service: string) {
    const broken = this.failures.get(service);
    if (broken && broken.count >= BREAKER_FAILURES && broken.until > performance.now()) throw new ContractError('UNAVAILABLE', `${service} does not answer just now`);
  }

  private countFailure(service: string) {
    this.failures.set(service, { count: (this.failures.get(service)?.count ?? 0) + 1, until: performance.now() + BREAKER_MS });
  }
}
