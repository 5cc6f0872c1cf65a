import { httpClient } from '@parley/contracts/http-client';
import { webchat, type ChatMessage } from '@parley/contracts/webchat';
import { setTimeout as pause } from 'node:timers/promises';
import { identityToken } from '../demo/customers.js';
import { IDENTITY_SECRET, type Brand } from './brands.js';
import type { History, Outcome } from './history.js';
import { keepLine, type Line } from './line.js';
import { patiently } from './patience.js';

type Frame = { type: 'message'; message: ChatMessage } | { type: 'ack'; clientId: string } | { type: 'error'; clientId?: string; code: string } | { type: 'closed' | 'typing' };

/** A visitor’s window: everything they wrote and were told, in order, over a socket that may break. */
export interface Visitor {
  name: string;
  line: Line<Frame>;
  done: Promise<void>;
}

/** Opens a chat and writes in it every now and then until `over` says so. */
export async function openVisitor(brand: Brand, name: string, urls: string[], history: History, over: () => boolean): Promise<Visitor> {
  const identity = { id: name, name: `Visitor ${name}`, email: `${name}@visitor.example` };
  const widgetKey = brand.chat.widgetKey ?? '';
  const token = await identityToken(identity, { widgetKey, secret: IDENTITY_SECRET, now: new Date() });
  const { sessionToken } = await patiently(() => httpClient(urls[0] ?? '')(webchat.start, { widgetKey, identityToken: token }));
  const answers = new Map<string, (outcome: Outcome) => void>();
  const heard = (frame: Frame) => {
    if (frame.type === 'ack') answers.get(frame.clientId)?.('ok');
    if (frame.type === 'error' && frame.clientId) answers.get(frame.clientId)?.('unknown');
  };
  const line = keepLine<Frame>(
    {
      urls, heard, silenceMs: 30_000,
      path: async (after) => `/v1/webchat/socket?token=${sessionToken}&afterSeq=${after}`,
      number: (frame) => (frame.type === 'message' ? frame.message.seq : undefined),
    },
    true,
  );

  async function say(clientId: string, givenUpMs: number): Promise<Outcome> {
    if (!line.say({ type: 'message', clientId, text: `Do you ship to Norway? #${clientId}` })) return 'fail';
    const answered = new Promise<Outcome>((resolve) => answers.set(clientId, resolve));
    const outcome = await Promise.race([answered, pause(givenUpMs, 'unknown' as const)]);
    answers.delete(clientId);
    if (outcome === 'unknown') line.drop();
    return outcome;
  }

  const done = (async () => {
    while (!over()) {
      const sent = history.begin('chat', brand.account, name);
      await history.persist(sent, (_, givenUpMs) => say(sent.token, givenUpMs));
      await pause(900);
    }
  })();
  return { name, line, done };
}
