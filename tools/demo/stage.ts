import { access } from '@parley/contracts/access';
import { clock } from '@parley/contracts/clock';
import type { Envelope } from '@parley/contracts/events';
import { feed } from '@parley/contracts/feed';
import { httpClient, type HttpClient } from '@parley/contracts/http-client';
import type { Message } from '@parley/contracts/messages';
import type { TicketSnapshot } from '@parley/contracts/tickets';
import type { Received } from '../stand-ins/received.js';
import { DEMO } from './account.js';
import { openFrames, type Frames } from './frames.js';
import { quote, script } from './script.js';
import { seed, subscribe, type Seeded } from './seed.js';
import { eventually } from './waiting.js';

/** Doors of a running system. */
export interface Doors {
  gatewayUrl: string;
  smtpPort: number;
  /** The page of the stand-ins; what customers have got is read there. */
  standIns: { pageUrl: string };
}

/** Everybody and everything that plays a part. */
export interface Stage extends Doors {
  channels: Seeded['channels'];
  /** Asks as the owner of the account, and as the agent. */
  owner: HttpClient;
  agent: HttpClient;
  agentId: string;
  /** What the agent's live socket has shown. */
  live: Frames<Envelope>;
  /** Where the feed stood when the day began. */
  feedStart: number;
  /** Tells this run's customers from those of earlier ones. */
  run: string;
  /** When the day began, by the account's clock. */
  beganAt: Date;
}

/** Loads the demo account where it is missing, signs everybody in and opens the agent's live socket. */
export async function setStage(doors: Doors): Promise<Stage> {
  const { accessToken, channels } = await seed(doors.gatewayUrl);
  await subscribe(doors.standIns.pageUrl, channels);
  const owner = httpClient(doors.gatewayUrl, { authorization: `Bearer ${accessToken}` });
  const { email, password } = DEMO.agent;
  const signedIn = await httpClient(doors.gatewayUrl)(access.login, { email, password });
  const agent = httpClient(doors.gatewayUrl, { authorization: `Bearer ${signedIn.accessToken}` });
  await agent(access.setAvailability, { status: 'online' });
  const { head } = await agent(feed.read, { limit: 1 });
  const live = await openFrames<Envelope>(doors.gatewayUrl, `/v1/live?token=${signedIn.accessToken}&after=${head}`, show);
  const { now } = await owner(clock.get, {});
  const run = String(Math.floor(performance.timeOrigin / 1000) % 10_000).padStart(4, '0');
  return { ...doors, channels, owner, agent, agentId: signedIn.user.id, live, feedStart: head, run, beganAt: new Date(now) };
}

/** A customer's message, once the agent's socket has shown it in its ticket. */
export async function arrived({ live }: Stage, text: string): Promise<{ message: Message; ticket: TicketSnapshot }> {
  const envelope = await eventually(`${quote(text)} on the agent's socket`, () => live.all.find(({ type, data }) => type === 'message.received' && messageOf(data)?.text.includes(text)));
  return envelope.data as { message: Message; ticket: TicketSnapshot };
}

/** A fact about a ticket that the agent's socket shows from the frame `after` on. */
export function shown({ live }: Stage, type: string, ticketId: string, after = 0): Promise<Envelope> {
  return eventually(`${type} on the agent's socket`, () => live.all.slice(after).find((envelope) => envelope.type === type && envelope.ticket === ticketId));
}

/** What the outside world has got so far. */
export async function outside({ standIns }: Stage): Promise<Received> {
  return (await (await fetch(`${standIns.pageUrl}/api/received`)).json()) as Received;
}

/** Moves the test clock; whatever falls due on the way has happened when this resolves. */
export async function advance({ owner }: Stage, seconds: number): Promise<void> {
  await owner(clock.advance, { seconds });
}

const messageOf = (data: Envelope['data']) => data['message'] as Message | undefined;

/** Presence and typing are frames too, of no type; they are not shown. */
function show({ sequence, type, data }: Envelope): void {
  if (!type) return;
  const ticket = (data['ticket'] ?? ('number' in data ? data : undefined)) as TicketSnapshot | undefined;
  const message = messageOf(data);
  const state = type === 'message.delivery_changed' ? message?.delivery?.state : undefined;
  script.live([`${sequence ?? '·'}`.padStart(5), type, ticket?.number && `#${ticket.number}`, state, message && quote(message.text, 40)].filter(Boolean).join('  '));
}
