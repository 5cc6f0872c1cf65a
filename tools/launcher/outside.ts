import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeChild, type Child } from './child.js';
import { freePort, isFree } from './ports.js';
import type { StandInsAt } from './running.js';

/** The outside world, played by a process of its own. */
export interface Outside {
  child: Child;
  at: StandInsAt;
  /** By which the services meet the stand-ins instead of the real providers. */
  env: NodeJS.ProcessEnv;
}

/** Starts the provider stand-ins; undefined where they are not built. Their output goes to the folder of the logs. */
export async function startStandIns(logs: string, say: (line: string) => void): Promise<Outside | undefined> {
  const main = fileURLToPath(new URL('../stand-ins/main.js', import.meta.url));
  if (!existsSync(main)) return undefined;
  mkdirSync(logs, { recursive: true, mode: 0o711 });
  say('starting the stand-ins for Twilio, Telnyx, Meta and the mail servers of the world …');
  const [twilio, smtp, page, graph, imap, telnyx] = [await freePort(), await freePort(2526), await freePort(3025), await freePort(), await freePort(), await freePort()];
  const ports = { TWILIO_PORT: String(twilio), SMTP_SINK_PORT: String(smtp), STAND_INS_PORT: String(page), GRAPH_PORT: String(graph), IMAP_PORT: String(imap), TELNYX_PORT: String(telnyx) };
  const child = makeChild({
    name: 'stand-ins',
    program: process.execPath,
    args: ['--enable-source-maps', main],
    env: { ...process.env, ...ports, HOST: '127.0.0.1' },
    log: join(logs, 'stand-ins.log'),
    ready: async () => !(await Promise.all([twilio, smtp, page, graph, imap, telnyx].map(isFree))).includes(true),
  });
  await child.start();
  const at = { twilioUrl: `http://127.0.0.1:${twilio}`, telnyxUrl: `http://127.0.0.1:${telnyx}`, smtpUrl: `smtp://127.0.0.1:${smtp}`, imapUrl: `imap://127.0.0.1:${imap}`, graphUrl: `http://127.0.0.1:${graph}`, pageUrl: `http://127.0.0.1:${page}` };
  const env = { PARLEY_TWILIO_BASE_URL: at.twilioUrl, PARLEY_TELNYX_BASE_URL: at.telnyxUrl, PARLEY_GRAPH_BASE_URL: at.graphUrl, PARLEY_INSTAGRAM_GRAPH_BASE_URL: at.graphUrl, PARLEY_OUTBOUND_SMTP_URL: at.smtpUrl, PARLEY_EGRESS_ALLOW_CIDRS: '127.0.0.0/8' };
  return { child, at, env };
}
