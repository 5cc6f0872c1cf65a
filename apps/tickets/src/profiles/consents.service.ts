import { Injectable } from '@nestjs/common';
import type { AcceptedMessage, ConsentKind, channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import { profileEvents, type ConsentState } from '@parley/contracts/profiles';
import { newId } from '@parley/service/ids';
import { announce, type Tx } from '@parley/service/tx';
import { KEYWORD_SOURCE, changesOf, unless } from './consent.rules.js';
import { spelled } from './identifier.rules.js';
import { toConsent, type ConsentEntity, type ProfileEntity } from './profile.entity.js';
import { ProfilesRepository } from './profiles.repository.js';

export type NewConsent = { kind: ConsentKind; state: ConsentState; source: string; evidence: string | null };

/** The ledger of consents (PRO-2): only ever added to, the current state beside it on the profile. */
@Injectable()
export class ConsentsService {
  constructor(private readonly profiles: ProfilesRepository) {}

  /** What a keyword of the customer changes (SMS-2); the message is the evidence. */
  async keyword(tx: Tx, profileId: string, message: Pick<AcceptedMessage, 'keyword' | 'channel' | 'inboundId'>): Promise<void> {
    const profile = await this.profiles.lock(tx, profileId);
    const changes = changesOf(message.keyword!, message.channel, await this.profiles.ledger(tx, profileId));
    await this.record(tx, profile, changes.map((change) => ({ ...change, source: KEYWORD_SOURCE, evidence: message.inboundId })));
  }

  /** What a provider says of somebody we know; nothing new is nothing to record. */
  async reported(tx: Tx, { identifier, kinds, state, source, evidence }: Data<typeof channelEvents.consentReported>): Promise<void> {
    const [holder] = await this.profiles.holders(tx, [spelled(identifier)]);
    if (!holder) return;
    const profile = await this.profiles.lock(tx, holder);
    const changes = unless(await this.profiles.ledger(tx, holder), kinds.map((kind) => ({ kind, state })));
    await this.record(tx, profile, changes.map((change) => ({ ...change, source, evidence })));
  }

  /** Adds the entries to the ledger and carries them over to the profile, which is locked. */
  async record(tx: Tx, profile: ProfileEntity, consents: NewConsent[]): Promise<void> {
    if (!consents.length) return;
    for (const consent of consents) {
      const entry: ConsentEntity = { id: newId(), at: tx.at, ...consent };
      entry.at = await this.profiles.record(tx, profile.id, entry);
      profile.consents = { ...profile.consents, [entry.kind]: entry.state };
      announce(tx, profileEvents.consentChanged, { key: profile.id, data: { profileId: profile.id, consent: toConsent(entry) } });
    }
    await this.profiles.save(tx, profile);
  }
}
