import { z } from 'zod';
import { ActorType, Id, Instant } from './contract.js';

/** Whose fact it is: also the owner of the log it stands in. */
export const SERVICES = ['access', 'tickets', 'channels', 'notifications', 'reporting'] as const;
export type Service = (typeof SERVICES)[number];

/** NTF-3: the one envelope, the same over broker, WebSocket, server-sent events, webhooks and GET /v1/feed. */
export const Envelope = z
  .object({
    id: Id,
    account: Id,
    sequence: z.int().positive().nullable().describe('Place in the public feed of the account, gapless; null before it stands there'),
    type: z.string().describe('What happened, such as ticket.closed'),
    version: z.int().positive().describe('Major version of the shape of data'),
    time: Instant,
    actor: z.object({ type: ActorType, id: z.string().nullable() }),
    ticket: Id.nullable(),
    data: z.record(z.string(), z.unknown()),
    changed: z.array(z.string()).optional().describe('Fields of data that differ from before'),
  })
  .meta({ id: 'Envelope' });
export type Envelope = z.infer<typeof Envelope>;

/** A fact that a service announces. `public` facts stand in the feed; the others are between our services. */
export type Event<D extends z.ZodType = z.ZodType> = {
  type: string;
  service: Service;
  version: number;
  public: boolean;
  summary: string;
  data: D;
};
export const event = <D extends z.ZodType>(contract: Event<D>): Event<D> => contract;
/** What a listener gets: the parsed `data` of the fact. */
export type Data<E extends Event> = z.output<E['data']>;
