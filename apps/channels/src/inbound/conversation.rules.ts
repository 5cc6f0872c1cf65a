import type { ConnectedChannel, InboundMessage } from '../adapter.js';

/** What must stay in order, and what tickets later looks for a thread by (D4). */
export function conversationKey(channel: Pick<ConnectedChannel, 'id' | 'type'>, message: Pick<InboundMessage, 'from' | 'sessionId' | 'threadId'>): string {
  const one = channel.type === 'webchat' ? message.sessionId : channel.type === 'email' ? message.threadId : message.from[0]?.value;
  if (!one) throw new Error(`A message of ${channel.type} belongs to no conversation`);
  return `${channel.type}:${channel.id}:${one}`;
}
