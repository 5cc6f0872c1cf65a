import { Faults, noFaults } from './faults.js';
import { startMediaHost } from './media-host.js';
import { startGraph } from './meta/graph.js';
import { TEMPLATES, type MetaWorld, type Subscription } from './meta/world.js';
import { startMailbox } from './mailbox.js';
import { page } from './page.js';
import { nothingReceived, type Received } from './received.js';
import { startSmtpSink } from './smtp-sink.js';
import { startTelnyx } from './telnyx.js';
import { startTwilio, type World } from './twilio.js';
import { serve, type Answer, type Asked } from './web.js';

/** The password of every pretended Twilio account; signs what it posts. No secret. */
export const PRETEND_AUTH_TOKEN = 'pretend-auth-token-of-no-account';

/** Where to listen, and how much to remember. */
export interface StandInsPlan {
  /** 0 or left out: any free one. */
  ports?: { twilio?: number; smtp?: number; page?: number; graph?: number; imap?: number; telnyx?: number; media?: number };
  host?: string;
  authToken?: string;
  /** How many messages of each kind to remember. */
  keep?: number;
}

/** The outside world as far as Parley can see it. */
export interface StandIns {
  /** For PARLEY_TWILIO_BASE_URL. */
  twilioUrl: string;
  /** For PARLEY_TELNYX_BASE_URL: see PRETEND_TELNYX_KEY. */
  telnyxUrl: string;
  /** For PARLEY_OUTBOUND_SMTP_URL. */
  smtpUrl: string;
  /** For PARLEY_GRAPH_BASE_URL and PARLEY_INSTAGRAM_GRAPH_BASE_URL. */
  graphUrl: string;
  /** A mailbox that an e-mail channel can read: see MAILBOX_USER. */
  imapUrl: string;
  /** Files, good and bad ones: see media-host.ts. */
  mediaUrl: string;
  /** GET / for people; GET|DELETE /api/received, GET|POST /api/faults, POST /api/subscriptions, POST /api/mailbox (a raw mail) for programs. */
  pageUrl: string;
  /** Grows as things come in. */
  received: Received;
  /** Change it to make trouble. */
  faults: Faults;
  /** Where Meta's webhooks go; the same as POST /api/subscriptions. */
  subscribe(subscription: Subscription): void;
  close(): Promise<void>;
}

/** Starts the APIs of Twilio and Telnyx, Meta's Graph API, a mail server, a mailbox, a place for files and a page that shows what they got. Knows nothing of Parley's code. */
export async function startStandIns(plan: StandInsPlan = {}): Promise<StandIns> {
  const { host, authToken, keep } = { host: '127.0.0.1', authToken: PRETEND_AUTH_TOKEN, keep: 50_000, ...plan };
  const ports = { twilio: 0, smtp: 0, page: 0, graph: 0, imap: 0, telnyx: 0, media: 0, ...plan.ports };
  const world: World & MetaWorld = { authToken, received: nothingReceived(), faults: noFaults(), keep, subscriptions: [], templates: [...TEMPLATES] };
  const servers: { url: string; close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    servers.push(await startTwilio(ports.twilio, host, world));
    servers.push(await startSmtpSink(ports.smtp, host, world));
    const mailbox = await startMailbox(ports.imap, host, world);
    servers.push(mailbox);
    servers.push(await serve(ports.page, host, (asked) => show(asked, world, mailbox)));
    servers.push(await startGraph(ports.graph, host, world));
    servers.push(await startTelnyx(ports.telnyx, host, world));
    servers.push(await startMediaHost(ports.media, host));
  } catch (error) {
    await close();
    throw error;
  }
  const [twilioUrl, smtpUrl, imapUrl, pageUrl, graphUrl, telnyxUrl, mediaUrl] = servers.map(({ url }) => url) as [string, string, string, string, string, string, string];
  return { twilioUrl, telnyxUrl, smtpUrl, imapUrl, pageUrl, graphUrl, mediaUrl, received: world.received, faults: world.faults, subscribe: (subscription) => subscribe(world, subscription), close };
}

function show({ method, path, body }: Asked, { received, faults, ...world }: World & MetaWorld, mailbox: { deliver(raw: string): number }): Answer {
  switch (`${method} ${path}`) {
    case 'GET /':
      return { status: 200, body: page(received), html: true };
    case 'GET /api/received':
      return { status: 200, body: received };
    case 'DELETE /api/received':
      Object.values(received).forEach((list: unknown[]) => list.splice(0));
      return { status: 200, body: received };
    case 'GET /api/faults':
      return { status: 200, body: faults };
    case 'POST /api/faults':
      return change(faults, body);
    case 'POST /api/mailbox':
      return { status: 200, body: { uid: mailbox.deliver(body) } };
    case 'POST /api/subscriptions':
      subscribe(world, JSON.parse(body) as Subscription);
      return { status: 200, body: world.subscriptions };
    default:
      return { status: 404, body: { message: `There is no ${method} ${path}` } };
  }
}

/** One per number or account: a later one takes the place of an earlier one. */
function subscribe({ subscriptions }: Pick<MetaWorld, 'subscriptions'>, subscription: Subscription): void {
  const others = subscriptions.filter(({ object, id }) => object !== subscription.object || id !== subscription.id);
  subscriptions.splice(0, subscriptions.length, ...others, subscription);
}

/** Names switches to set; `{}` sets all of them back. */
function change(faults: Faults, body: string): Answer {
  let wanted: unknown;
  try {
    wanted = JSON.parse(body || '{}');
  } catch {
    return { status: 400, body: { message: 'The body is no JSON' } };
  }
  const empty = Object.keys(wanted ?? {}).length === 0;
  const parsed = Faults.safeParse(empty ? {} : { ...faults, ...(wanted as object) });
  if (!parsed.success) return { status: 400, body: { message: 'Not so', errors: parsed.error.issues } };
  return { status: 200, body: Object.assign(faults, parsed.data) };
}
