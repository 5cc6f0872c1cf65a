import { Injectable } from '@nestjs/common';
import type { ConnectedChannel } from '../adapter.js';

@Injectable()
export class ChannelsService {
  /** By the random key in the webhook's path. Null: unknown. Needs no query while the cache (≤ 1 s old) knows it. */
  byKey(key: string): Promise<ConnectedChannel | null> {
    return this.find('webhook', key);
  }

  /** Within one account: for whoever has the account from a fact or a session already. */
  async byId(account: string, id: string): Promise<ConnectedChannel | null> {
    throw new Error(`not yet: ${account} ${id}`);
  }

  /** By the local part or the whole of a generated mail address, in any case. */
  byForwardingAddress(address: string): Promise<ConnectedChannel | null> {
    return this.find('forwarding', address.toLowerCase());
  }

  byWidgetKey(key: string): Promise<ConnectedChannel | null> {
    return this.find('widget', key);
  }

  private async find(kind: 'webhook' | 'forwarding' | 'widget', key: string): Promise<ConnectedChannel | null> {
    throw new Error(`not yet: ${kind} ${key}`);
  }
}
