import { Injectable, Module } from '@nestjs/common';
import { channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import { Alarm, Rings, type Ring } from '../src/alarm.js';
import { SERVICE_ENV } from '../src/config.js';
import { tenant } from '../src/database.js';
import { Hears, HearsAll, Parked, type Fact } from '../src/hears.js';
import type { ServiceApp } from '../src/service.js';
import { announce, type Tx } from '../src/tx.js';

type Read = Data<typeof channelEvents.chatRead>;

/** The smallest service that has everything: it keeps what it hears, says something of its own, and has a timer. */
@Injectable()
export class Echo {
  /** Sessions whose facts fail, and how often they did. */
  static poisoned = new Map<string, number>();
  constructor(private readonly alarm: Alarm) {}

  @Hears(channelEvents.chatRead, 'keep-what-was-read')
  async read(tx: Tx, { sessionId, upToSeq }: Read, fact: Fact) {
    const failed = Echo.poisoned.get(sessionId);
    if (failed !== undefined) {
      Echo.poisoned.set(sessionId, failed + 1);
      throw new Error('poisoned');
    }
    await tx.sql('INSERT INTO heard (account_id, session_id, up_to, event_id) VALUES ($1, $2, $3, $4)', [tx.by.account, sessionId, upToSeq, fact.id]);
    announce(tx, channelEvents.chatRead, { key: sessionId, data: { sessionId, channelId: sessionId, upToSeq } });
  }

  @HearsAll(['channels'], 'count-everything')
  async count(tx: Tx, facts: Fact[]) {
    await tx.sql('INSERT INTO counted (account_id, n) VALUES ($1, $2)', [tx.by.account, facts.length]);
  }

  @Parked(channelEvents.chatRead, 'tell-of-parked')
  async parked(tx: Tx, fact: Fact, error: string) {
    await tx.sql('INSERT INTO told (account_id, event_id, error) VALUES ($1, $2, $3)', [tx.by.account, fact.id, error]);
  }

  @Rings('egg')
  async egg(tx: Tx, ring: Ring) {
    if (!(await ring.claim())) return;
    await tx.sql('INSERT INTO boiled (account_id, timer_id) VALUES ($1, $2)', [tx.by.account, ring.id]);
  }

  set(tx: Tx, id: string, dueAt: Date, generation = 1) {
    return this.alarm.set(tx, { kind: 'egg', subject: { type: 'egg', id }, generation, dueAt, reason: { hunger: true } });
  }
}

export class EchoTables1763600001000 {
  async up(runner: { query(sql: string): Promise<unknown> }) {
    await runner.query(`
      CREATE TABLE heard (n bigint GENERATED ALWAYS AS IDENTITY, account_id uuid NOT NULL, session_id uuid NOT NULL, up_to int NOT NULL, event_id uuid NOT NULL);
      CREATE TABLE counted (account_id uuid NOT NULL, n int NOT NULL);
      CREATE TABLE told (account_id uuid NOT NULL, event_id uuid NOT NULL, error text NOT NULL);
      CREATE TABLE boiled (account_id uuid NOT NULL, timer_id uuid NOT NULL);
      ${['heard', 'counted', 'told', 'boiled'].map((table) => tenant(table)).join('')}`);
  }
  async down(runner: { query(sql: string): Promise<unknown> }) {
    await runner.query('DROP TABLE heard, counted, told, boiled');
  }
}

@Module({ providers: [Echo], exports: [Echo] })
class EchoModule {}

export const echoApp: ServiceApp = { name: 'tickets', module: EchoModule, env: SERVICE_ENV, entities: [], migrations: [EchoTables1763600001000 as never] };
