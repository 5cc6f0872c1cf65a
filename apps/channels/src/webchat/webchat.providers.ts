import { SafeHttp } from '@parley/service/http';
import { BrandRepository } from './brand.repository.js';
import { ChatFilesService } from './chat-files.service.js';
import { ChatLinksService } from './chat-links.service.js';
import { ChatService } from './chat.service.js';
import { ChatsRepository } from './chats.repository.js';
import { FaqReadsRepository } from './faq-reads.repository.js';
import { FaqsService } from './faqs.service.js';
import { HintsService } from './hints.service.js';
import { IdentityService } from './identity.service.js';
import { KeyRing } from './key-ring.js';
import { LeasesRepository } from './leases.repository.js';
import { OfficeHoursService } from './office-hours.service.js';
import { PresenceService } from './presence.service.js';
import { ProjectionService } from './projection.service.js';
import { ProofsRepository } from './proofs.repository.js';
import { SessionsService } from './sessions.service.js';
import { SetupRepository } from './setup.repository.js';
import { SetupService } from './setup.service.js';
import { ThreadRepository } from './thread.repository.js';
import { TokensRepository } from './tokens.repository.js';
import { UploadsRepository } from './uploads.repository.js';
import { UploadsService } from './uploads.service.js';
import { WebchatListener } from './webchat.listener.js';
import { WidgetsService } from './widgets.service.js';

const KEYS_BYTES = 256 * 1024;
const fetchKeys = (http: SafeHttp) => async (url: string): Promise<unknown> => {
  const { status, body } = await http.send({ method: 'GET', url, headers: { accept: 'application/json' }, maxBytes: KEYS_BYTES });
  if (status !== 200) throw new Error(`answered ${status}`);
  return JSON.parse(body.toString());
};

export const webchatProviders = [
  { provide: KeyRing, inject: [SafeHttp], useFactory: (http: SafeHttp) => new KeyRing(fetchKeys(http)) },
  BrandRepository, ChatsRepository, FaqReadsRepository, LeasesRepository, ProofsRepository, SetupRepository, ThreadRepository, TokensRepository, UploadsRepository,
  SetupService, FaqsService, OfficeHoursService, WidgetsService,
  IdentityService, ChatLinksService, UploadsService, SessionsService, ChatService, ChatFilesService, HintsService, PresenceService, ProjectionService, WebchatListener,
];
