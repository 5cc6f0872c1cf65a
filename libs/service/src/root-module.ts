import 'reflect-metadata';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ServerNats, type NatsOptions } from '@nestjs/microservices';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { Alarm } from './alarm.js';
import { Broker } from './broker.js';
import { clockOf } from './clock.js';
import type { SERVICE_ENV } from './config.js';
import type { Hearing } from './hearing.js';
import type { ServiceApp } from './service.js';
import { Services } from './services.js';
import { ActorVerifier, publicKeyOf } from './wire.js';

/** The parsed environment of the service: `@Inject(ENV) env`. */
export const ENV = Symbol('env');

/** What the kit itself reads. `PARLEY_SABOTAGE` breaks one promise for the negative controls of the fault harness. */
export type KitEnv = z.output<z.ZodObject<typeof SERVICE_ENV>> & { PARLEY_ACTOR_PRIVATE_KEY?: string };

/** What every provider of a service may ask for. */
export type KitParts = { db: DataSource; broker: Broker; services: Services; alarm: Alarm };

/** The service’s module with the kit around it. */
export function rootModule({ name, module }: ServiceApp, kit: KitParts, env: KitEnv, hearings: Hearing[]): DynamicModule {
  const verifier = env.PARLEY_ACTOR_PUBLIC_KEY ? new ActorVerifier(publicKeyOf(env.PARLEY_ACTOR_PUBLIC_KEY), name) : null;
  const providers = [
    { provide: DataSource, useValue: kit.db }, { provide: Broker, useValue: kit.broker }, { provide: Services, useValue: kit.services },
    { provide: Alarm, useValue: kit.alarm }, { provide: ENV, useValue: env }, { provide: ActorVerifier, useValue: verifier },
  ];
  @Global()
  @Module({ providers, exports: providers.map(({ provide }) => provide) })
  class Kit {}
  @Module({})
  class Root {}
  return { module: Root, imports: [DiscoveryModule, Kit, module], controllers: name === 'access' ? [] : [clockOf(name, kit.alarm, hearings)] };
}

type NatsSettings = NonNullable<NatsOptions['options']>;

/** Nest’s NATS server with the installation’s prefix before every subject, and one queue group per service. */
export class PrefixedNats extends ServerNats {
  constructor(private readonly settings: NatsSettings & { queue: string }, private readonly prefix: string) {
    super(settings);
  }

  override bindEvents(client: { subscribe(subject: string, options: object): never }) {
    const { subscriptions } = this as unknown as { subscriptions: object[] };
    for (const channel of this.messageHandlers.keys()) {
      subscriptions.push(client.subscribe(`${this.prefix}.${channel}`, { queue: this.settings.queue, callback: this.getMessageHandler(channel).bind(this) }));
    }
  }
}
