import { Injectable } from '@nestjs/common';
import type { Actor } from '@parley/contracts/contract';
import type { Person } from '@parley/contracts/privacy';
import { Privacy } from '@parley/service/privacy';
import { within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { UploadsService } from '../webchat/uploads.service.js';
import { HOLDINGS } from './holdings.js';

/** This service's part in exports and erasures (PRO-6). */
@Injectable()
export class PrivacyService extends Privacy {
  constructor(private readonly database: DataSource, private readonly uploads: UploadsService) {
    super(database, HOLDINGS);
  }

  /** Files that were never sent are given up with it: only the tickets service can tell whether their bytes are needed elsewhere. */
  override erase(input: { erasureId: string; person: Person }, by: Actor): Promise<{ done: boolean }> {
    return super.erase(input, by, async (tx) => void (await this.uploads.abandonSome(tx)));
  }

  /** With the chats that never became a ticket: tickets does not know of them, the proven visitor does. */
  async whole(person: Person, by: Actor): Promise<Person> {
    const visitors = person.identifiers.filter(({ type }) => type === 'visitor').map(({ value }) => value);
    const chats = await within(this.database, by, (tx) => tx.sql<{ id: string }>('SELECT id FROM chat_session WHERE account_id = $1 AND visitor = ANY ($2)', [by.account, visitors]));
    return { ...person, sessionIds: [...new Set([...person.sessionIds, ...chats.map(({ id }) => id)])] };
  }
}
