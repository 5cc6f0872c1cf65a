import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Actor } from '@parley/contracts/contract';
import { Id } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { webchat } from '@parley/contracts/webchat';
import { Broker } from '@parley/service/broker';
import { problems } from '@parley/service/handles';
import { ENV } from '@parley/service/service';
import type { IncomingMessage, Server } from 'node:http';
import { z } from 'zod';
import { addressOf } from '../api/address.js';
import { bearer, CallersService } from '../api/callers.service.js';
import { LimitsService, refuseIfEmpty } from '../api/limits.service.js';
import type { GatewayEnv } from '../gateway.config.js';
import { FeedReadersService } from './feed-readers.service.js';
import { Sockets, type Line } from './sockets.js';
import { refusalFrame, VisitorsService, type Visit } from './visitors.service.js';

/** What staff may say: only things that pass. `session`: the visitor who sees that somebody writes. */
const StaffFrame = z.strictObject({ type: z.enum(['typing', 'presence', 'viewing']), ticket: Id.nullable().default(null), session: Id.nullable().default(null) });
/** What a visitor may say. */
const VisitorFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('message'), ...webchat.send.input.shape }),
  z.strictObject({ type: z.literal('read'), upToSeq: z.int().nonnegative() }),
  z.strictObject({ type: z.literal('typing') }),
  z.strictObject({ type: z.literal('end') }),
]);
type VisitorFrame = z.infer<typeof VisitorFrame>;
const Sequence = z.coerce.number().int().nonnegative();
/** Frames of one visitor that may wait for their turn. */
const MOST_WAITING = 200;

/** The two WebSockets: /v1/live for staff and programs, /v1/webchat/socket for visitors. */
@Injectable()
export class LiveDoors implements OnModuleDestroy {
  private readonly sockets = new Sockets({
    '/v1/live': { admit: (request, query) => this.staff(request, query) },
    '/v1/webchat/socket': { admit: (request, query) => this.visitor(request, query) },
  });

  constructor(
    private readonly callers: CallersService, private readonly readers: FeedReadersService, private readonly visitors: VisitorsService,
    private readonly limits: LimitsService, private readonly broker: Broker, @Inject(ENV) private readonly env: GatewayEnv,
  ) {}

  attach(server: Server) {
    server.on('upgrade', (request, socket, head) => void this.sockets.upgrade(request, socket, head));
  }

  async onModuleDestroy() { await this.sockets.close(); }

  private async staff(request: IncomingMessage, query: URLSearchParams) {
    this.limitStranger(request);
    const credential = await this.callers.credentialOf(tokenOf(request, query));
    const by = await this.callers.staff(credential);
    if (!by.scopes.includes('feed:read')) throw new ContractError('SCOPE_MISSING', 'Needs feed:read');
    const after = sequenceOf(query, 'after');
    return (line: Line) => {
      const outlet = { send: (frames: { text: string }[]) => line.send(frames.map((frame) => frame.text)), pass: (text: string) => void line.send([text]), full: line.full, end: line.end };
      const joined = this.readers.join({ by, credential, after, outlet });
      line.onEnd(() => {
        this.readers.shows(line, by, null);
        void joined.then((leave) => leave(), () => undefined);
      });
      line.onText((text) => this.staffSays(text, by, line));
      joined.catch((error: unknown) => line.end(error instanceof ContractError && error.code === 'FEED_EXPIRED' ? 'resync' : 'unavailable'));
    };
  }

  private staffSays(text: string, by: Actor, line: Line) {
    const frame = StaffFrame.safeParse(jsonOf(text));
    if (!frame.success) return void line.send([refusalFrame(notUnderstood(frame.error))]);
    if (!by.scopes.includes('tickets:write') || !this.limits.take({ kind: 'principal', id: by.id! }).allowed) return;
    const { type: kind, ticket, session } = frame.data;
    if (kind === 'viewing') return this.readers.shows(line, by, ticket);
    this.readers.pass(by, { kind, ticket, session, user: by.id });
    // The account stands in the subject: a session of another account hears nothing.
    if (kind === 'typing' && session) this.broker.publish(`typing.${by.account}.${session}`, '');
  }

  private async visitor(request: IncomingMessage, query: URLSearchParams) {
    this.limitStranger(request);
    const by = await this.callers.visitor(tokenOf(request, query), request.headers.origin);
    const afterSeq = sequenceOf(query, 'afterSeq') ?? 0;
    return (line: Line) => {
      if (this.visitors.isFull(by)) return line.end('flood');
      const entered = this.visitors.enter(by, afterSeq, line);
      line.onEnd(() => void entered.then((visit) => this.visitors.leave(visit)));
      // One after the other: what a visitor writes keeps its order.
      let turn: Promise<unknown> = entered;
      let waiting = 0;
      line.onText((text) => {
        if (++waiting > MOST_WAITING) return line.end('flood');
        turn = turn.then(async () => this.visitorSays(text, await entered, by, line)).finally(() => waiting--);
      });
    };
  }

  private async visitorSays(text: string, visit: Visit, by: Actor, line: Line) {
    const frame = VisitorFrame.safeParse(jsonOf(text));
    const clientId = frame.success && frame.data.type === 'message' ? frame.data.clientId : undefined;
    try {
      if (!frame.success) throw notUnderstood(frame.error);
      const dearer = clientId === undefined ? [] : [{ kind: 'message' as const, id: by.id! }];
      refuseIfEmpty(this.limits.take({ kind: 'visitor', id: by.id! }, { kind: 'account', id: by.account }, ...dearer));
      const answer = await carryOut(frame.data, visit);
      if (answer) await line.send([JSON.stringify(answer)]);
    } catch (error) {
      await line.send([refusalFrame(error, clientId)]);
    }
  }

  private limitStranger(request: IncomingMessage) {
    refuseIfEmpty(this.limits.take({ kind: 'address', id: addressOf(request, this.env.PARLEY_TRUST_PROXY) }));
  }
}

async function carryOut(frame: VisitorFrame, visit: Visit): Promise<object | void> {
  if (frame.type === 'message') {
    const { type: _, ...message } = frame;
    const { id, clientId, sessionId } = await visit.write(message);
    return { type: 'ack', clientId, id, sessionId };
  }
  if (frame.type === 'read') await visit.read(frame.upToSeq);
  if (frame.type === 'end') await visit.finish();
  if (frame.type === 'typing') visit.type();
}

/** Browsers cannot set headers on a WebSocket: the token may stand in the query. Queries are not logged. */
function tokenOf(request: IncomingMessage, query: URLSearchParams): string {
  const token = bearer(request.headers.authorization) ?? query.get('token');
  if (!token) throw new ContractError('NOT_SIGNED_IN', 'The request has neither an Authorization header nor ?token=');
  return token;
}

function sequenceOf(query: URLSearchParams, name: string): number | null {
  const value = query.get(name);
  if (value === null || value === '') return null;
  const sequence = Sequence.safeParse(value);
  if (!sequence.success) throw new ContractError('VALIDATION_FAILED', `${name} is no sequence`, { errors: [{ pointer: `/${name}`, message: 'is no whole number from 0 on' }] });
  return sequence.data;
}

const notUnderstood = (error: z.ZodError) => new ContractError('VALIDATION_FAILED', 'This frame is not known', { errors: problems(error) });
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
