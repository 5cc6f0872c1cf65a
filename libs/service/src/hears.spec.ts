import { describe, expect, it } from '@jest/globals';
import { channelEvents } from '@parley/contracts/channels';
import type { Tx } from './tx.js';
import { Hears, HearsAll, Listeners, type Fact } from './hears.js';

class Books {
  @HearsAll(['channels', 'tickets'], 'keep-everything', { hurry: (type) => type === 'ticket.closed' })
  async keep(_tx: Tx, _facts: Fact[]) {}
}
class Window {
  @Hears(channelEvents.chatRead, 'show-what-was-read')
  async show() {}
}

describe('listeners', () => {
  it('wait only for facts that somebody waits for', () => {
    const listeners = new Listeners();
    listeners.add(new Books());
    expect(listeners.hurries('channels', 'chat.read')).toBe(false);
    expect(listeners.hurries('tickets', 'ticket.closed')).toBe(true);
    expect(listeners.hurries('access', 'ticket.closed')).toBe(false);
    listeners.add(new Window());
    expect(listeners.hurries('channels', 'chat.read')).toBe(true);
  });
});
