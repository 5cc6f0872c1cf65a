import { Injectable } from '@nestjs/common';
import type { Data } from '@parley/contracts/events';
import { linkEvents } from '@parley/contracts/links';
import { textingEvents } from '@parley/contracts/texting';
import { Hears } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { EventsService } from '../events/events.service.js';
import { CampaignsService } from './campaigns.service.js';

@Injectable()
export class TextingListener {
  constructor(
    private readonly campaigns: CampaignsService,
    private readonly events: EventsService,
  ) {}

  @Hears(textingEvents.keywordAnswered, 'show-what-a-keyword-was-answered')
  keywordAnswered(tx: Tx, answer: Data<typeof textingEvents.keywordAnswered>) {
    return this.campaigns.keywordAnswered(tx, answer);
  }

  @Hears(linkEvents.clicked, 'note-that-a-link-was-followed')
  linkClicked(tx: Tx, click: Data<typeof linkEvents.clicked>) {
    return this.events.linkClicked(tx, click);
  }
}
