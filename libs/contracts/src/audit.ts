import { z } from 'zod';
import { event, type Service } from './events.js';

/** A change that somebody will want to know of (ACC-6): who and when are the fact's own. */
export const AuditRecord = z.object({
  action: z.string().describe('The resource and what happened to it: channel.updated'),
  resource: z.string().describe('channel/<id>'),
  before: z.record(z.string(), z.unknown()).nullable().describe('Of what differs'),
  after: z.record(z.string(), z.unknown()).nullable(),
  address: z.string().nullable().describe('Where the request came from'),
});
export type AuditRecord = z.infer<typeof AuditRecord>;

const recorded = (service: Service) => event({
  type: `${service}.audit_recorded`, service, version: 1, public: false, summary: 'Somebody changed something that belongs into the audit log; the gateway keeps it (ACC-6)', data: AuditRecord,
});

export const auditEvents = { tickets: recorded('tickets'), channels: recorded('channels') };
