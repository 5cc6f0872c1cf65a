import 'reflect-metadata';
import type { Data, Envelope, Event, Service } from '@parley/contracts/events';
import { EVENT_BY_TYPE } from '@parley/contracts/everything';
import type { Tx } from './tx.js';

/** A fact as a listener meets it: the envelope, and where it stands in whose log. */
export type Fact = Envelope & { source: Service; partition: number; seq: number };

type One = { kind: 'one'; event: Event; name: string; method: string };
type All = { kind: 'all'; sources: readonly Service[]; name: string; method: string; hurry: (type: string) => boolean };
type Parked = { kind: 'parked'; event: Event; name: string; method: string };
const LISTENERS = Symbol('listeners');

const note = (target: object, listener: One | All | Parked) => {
  const own = (Reflect.getOwnMetadata(LISTENERS, target.constructor) as (One | All | Parked)[] | undefined) ?? [];
  Reflect.defineMetadata(LISTENERS, [...own, listener], target.constructor);
};

/**
 * The method hears this fact, once, in order of its key, in the transaction that also moves the cursor (messaging.md section 5).
 * `name` is a sentence, unique in the service. Throwing leaves no trace and is tried again; after 5 failures the fact is parked.
 */
export const Hears = <E extends Event>(event: E, name: string) =>
  <F extends (tx: Tx, data: Data<E>, fact: Fact) => Promise<void>>(target: object, method: string, _: TypedPropertyDescriptor<F>) =>
    note(target, { kind: 'one', event, name, method });

/**
 * The method hears every fact of these services, in batches of one account; each partition in order. Facts of types that `hurry`
 * refuses may be left lying for a tenth of a second, so that many of them share a transaction; all hurry unless told.
 */
export const HearsAll = (sources: readonly Service[], name: string, { hurry = () => true }: { hurry?: (type: string) => boolean } = {}) =>
  <F extends (tx: Tx, facts: Fact[]) => Promise<void>>(target: object, method: string, _: TypedPropertyDescriptor<F>) => note(target, { kind: 'all', sources, name, method, hurry });

/** The method is told, in the same transaction, that a fact of this type was parked as a dead letter: say what became of it. */
export const Parked = <E extends Event>(event: E, name: string) =>
  <F extends (tx: Tx, fact: Fact, error: string) => Promise<void>>(target: object, method: string, _: TypedPropertyDescriptor<F>) => note(target, { kind: 'parked', event, name, method });

/** All listeners of a service, found on its providers. */
export class Listeners {
  private readonly ones = new Map<string, ((tx: Tx, fact: Fact) => Promise<void>)[]>();
  private readonly alls: { sources: readonly Service[]; hurry: (type: string) => boolean; call: (tx: Tx, facts: Fact[]) => Promise<void> }[] = [];
  private readonly parked = new Map<string, ((tx: Tx, fact: Fact, error: string) => Promise<void>)[]>();
  private readonly names = new Set<string>();
  readonly sources = new Set<Service>();

  /** @throws when two listeners of the service bear one name. */
  add(instance: object) {
    for (const listener of (Reflect.getOwnMetadata(LISTENERS, instance.constructor) as (One | All | Parked)[] | undefined) ?? []) {
      if (this.names.has(listener.name)) throw new Error(`Two listeners are called ${listener.name}`);
      this.names.add(listener.name);
      const method = (instance as Record<string, (...args: unknown[]) => Promise<void>>)[listener.method]!.bind(instance);
      if (listener.kind === 'all') {
        this.alls.push({ sources: listener.sources, hurry: listener.hurry, call: method });
        for (const source of listener.sources) this.sources.add(source);
      } else if (listener.kind === 'one') {
        this.sources.add(listener.event.service);
        push(this.ones, listener.event.type, (tx: Tx, fact: Fact) => method(tx, listener.event.data.parse(fact.data), fact));
      } else push(this.parked, listener.event.type, method);
    }
  }

  /** Does anybody here care about this fact? */
  cares(fact: Fact) {
    return this.ones.has(fact.type) || this.alls.some((all) => all.sources.includes(fact.source));
  }

  /** Does anybody here wait for facts of this type, or do they have time? */
  hurries(source: Service, type: string) {
    return this.ones.has(type) || this.alls.some((all) => all.sources.includes(source) && all.hurry(type));
  }

  /** Facts of one account, in order. */
  async tell(tx: Tx, facts: Fact[]) {
    for (const fact of facts) for (const listener of this.ones.get(fact.type) ?? []) await listener(tx, fact);
    for (const all of this.alls) {
      const heard = facts.filter((fact) => all.sources.includes(fact.source));
      if (heard.length) await all.call(tx, heard);
    }
  }

  async tellParked(tx: Tx, fact: Fact, error: string) {
    for (const listener of this.parked.get(fact.type) ?? []) await listener(tx, fact, error);
  }
}

/** Facts of a type that this release does not know are passed over: consumers deploy first (messaging.md section 3). */
export const isKnown = (type: string) => EVENT_BY_TYPE.has(type);

function push<T>(map: Map<string, T[]>, key: string, value: T) {
  map.set(key, [...(map.get(key) ?? []), value]);
}
