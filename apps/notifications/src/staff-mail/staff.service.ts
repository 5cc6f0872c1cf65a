import { Injectable } from '@nestjs/common';
import type { User } from '@parley/contracts/access';
import { SETTINGS, type Settings } from '@parley/contracts/settings';
import type { Tx } from '@parley/service/tx';
import { StaffRepository } from './staff.repository.js';

/** Who works here, and what they want to be told of. */
@Injectable()
export class StaffService {
  constructor(private readonly staff: StaffRepository) {}

  personChanged(tx: Tx, user: User) {
    return this.staff.keepPerson(tx, user);
  }

  settingsChanged(tx: Tx, { values, version }: { values: object; version: number }) {
    return this.staff.keepSettings(tx, values, version);
  }

  async settings(tx: Tx): Promise<Settings<'notifications'>> {
    return SETTINGS.notifications.parse(await this.staff.settings(tx));
  }

  /** The addresses of those of these people who work here. */
  async addressesOf(tx: Tx, ids: string[]): Promise<{ personId: string; address: string }[]> {
    return (await this.staff.people(tx, ids)).filter(({ active }) => active).map(({ id, email }) => ({ personId: id, address: email }));
  }

  /** Those addresses that may be written to: whoever has left gets nothing any more. */
  async stillHere(tx: Tx, addresses: string[]): Promise<string[]> {
    const left = await this.staff.left(tx, addresses);
    return addresses.filter((address) => !left.has(address.toLowerCase()));
  }
}
