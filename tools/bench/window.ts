import { feed } from '@parley/contracts/feed';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Brand } from '../faults/brands.js';

/** An agent’s live socket that tells when a message is visible. */
export interface AgentWindow {
  /** Called with the token of each message and the moment it came, by `performance.now()`. */
  onMessage: (token: string, at: number) => void;
  close(): void;
}

const TOKEN = /#([a-z]+-\d+)/;

/** Looks for the token and parses nothing: the frames are many. */
export async function openWindow(brand: Brand, gatewayUrl: string): Promise<AgentWindow> {
  const { head } = await brand.ask(0)(feed.read, { limit: 1 });
  const socket = new WebSocket(new URL(`/v1/live?token=${await brand.token()}&after=${head}`, gatewayUrl.replace(/^http/, 'ws')));
  const window: AgentWindow = { onMessage: () => {}, close: () => socket.terminate() };
  socket.on('message', (data: Buffer) => {
    const at = performance.now();
    if (data.indexOf('"message.received"') < 0) return;
    const token = TOKEN.exec(data.toString('latin1'))?.[1];
    if (token) window.onMessage(token, at);
  });
  await once(socket, 'open');
  return window;
}
