import { Injectable } from '@nestjs/common';
import type { Identifier } from '@parley/contracts/channels';
import type { Actor } from '@parley/contracts/contract';
import { privacyEvents, type Person } from '@parley/contracts/privacy';
import { Privacy } from '@parley/service/privacy';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { TicketsService } from '../ticket/tickets.service.js';
import { HOLDINGS } from './holdings.js';
import { PrivacyRepository } from './privacy.repository.js';
import { TombstonesService } from './tombstones.service.js';

/** This service's part in exports and erasures (PRO-6): it knows who is who. */
@Injectable()
export class PrivacyService extends Privacy {
  constructor(private readonly database: DataSource, private readonly people: PrivacyRepository, private readonly tombstones: TombstonesService, private readonly ticketsOf: TicketsService) {
    super(database, HOLDINGS);
  }

  person(profileId: string, by: Actor): Promise<Person> {
    return within(this.database, by, (tx) => this.people.person(tx, profileId));
  }

  /** The tickets are closed when they are empty, so that nothing is said of them once more. */
  eraseAll({ erasureId, person }: { erasureId: string; person: Person }, by: Actor): Promise<{ done: boolean }> {
    return this.erase({ erasureId, person }, by, async (tx: Tx) => {
      await this.tombstones.put(tx, person.identifiers as Identifier[]);
      for (const profileId of person.profileIds) await this.ticketsOf.closeAllOf(tx, profileId);
      const [profileId, ...mergedIds] = person.profileIds as [string, ...string[]];
      announce(tx, privacyEvents.erased, { key: profileId, data: { profileId, mergedIds, ticketIds: person.ticketIds } });
    });
  }
}
