import type { Service } from '@parley/contracts/events';
import type { Fact } from '@parley/service/hears';
import { newId, partitionOf } from '@parley/service/ids';
import { rig, type Rig } from '@parley/service/testing/rig';
import { FactsService } from '../src/facts/facts.service.js';
import { RebuildService } from '../src/facts/rebuild.service.js';
import { reportingApp } from '../src/reporting.app.js';
import type { aTicket } from './happenings.js';

type Ticket = ReturnType<typeof aTicket>;
export type Desk = Rig & {
  /** Lets things have happened, at their times: as if heard in one batch. */
  happened(tickets: Ticket[], account?: string): Promise<Fact[]>;
  hears(facts: Fact[], account?: string): Promise<void>;
  rebuild(account?: string): Promise<number>;
  /** All values of the account's build in force, in a fixed order. */
  values(account?: string): Promise<object[]>;
  tickets(account?: string): Promise<object[]>;
};

let seq = 0;
const factOf = (account: string, ticket: Ticket, { event, data, actor, at }: Ticket['facts'][number]): Fact => ({
  id: newId(), account, sequence: null, type: event.type, version: 1, time: at, actor, ticket: ticket.id, data: data as Fact['data'],
  source: event.service as Service, partition: partitionOf(account, ticket.id), seq: ++seq,
});
/** Facts of these tickets in the order of their times. */
export const factsOf = (account: string, tickets: Ticket[]) =>
  tickets.flatMap((ticket) => ticket.facts.map((fact) => factOf(account, ticket, fact))).sort((a, b) => a.time.localeCompare(b.time) || a.seq - b.seq);

/** The reporting service, running, with hands and eyes for stories. */
export async function openDesk(): Promise<Desk> {
  const service = await rig(reportingApp);
  const facts = service.app.get(FactsService);
  const as = (account: string) => service.actor({ account });
  const rows = (columns: string, table: string, account: string) =>
    service.tx((tx) => tx.sql(`SELECT ${columns} FROM ${table} WHERE build = (SELECT build FROM reported_account WHERE account_id = $1) ORDER BY 1, 2, 3`, [account]), as(account));
  const hears = (heard: Fact[], account = service.account) => service.tx((tx) => facts.keep(tx, heard), as(account));
  return Object.assign(service, {
    hears,
    async happened(tickets: Ticket[], account = service.account) {
      const heard = factsOf(account, tickets);
      await hears(heard, account);
      return heard;
    },
    rebuild: (account = service.account) => service.app.get(RebuildService).account(account),
    values: (account = service.account) => rows('metric, at, id, ticket_id, channel, agent_id, seconds', 'metric_value', account),
    tickets: (account = service.account) => rows('ticket_id, number, channel, assignee_id, created_at, started_at, first_response_at, answered_at, closes', 'ticket_fact', account),
  });
}
