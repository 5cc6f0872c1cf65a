import { BrandRepository } from './brand.repository.js';
import { ChatFilesService } from './chat-files.service.js';
import { ChatService } from './chat.service.js';
import { ChatsRepository } from './chats.repository.js';
import { FaqReadsRepository } from './faq-reads.repository.js';
import { FaqsService } from './faqs.service.js';
import { HintsService } from './hints.service.js';
import { IdentityService } from './identity.service.js';
import { LeasesRepository } from './leases.repository.js';
import { OfficeHoursService } from './office-hours.service.js';
import { PresenceService } from './presence.service.js';
import { ProjectionService } from './projection.service.js';
import { SessionsService } from './sessions.service.js';
import { SetupRepository } from './setup.repository.js';
import { SetupService } from './setup.service.js';
import { ThreadRepository } from './thread.repository.js';
import { TokensRepository } from './tokens.repository.js';
import { WebchatListener } from './webchat.listener.js';
import { WidgetsService } from './widgets.service.js';

export const webchatProviders = [
  BrandRepository, ChatsRepository, FaqReadsRepository, LeasesRepository, SetupRepository, ThreadRepository, TokensRepository,
  SetupService, FaqsService, OfficeHoursService, WidgetsService,
  IdentityService, SessionsService, ChatService, ChatFilesService, HintsService, PresenceService, ProjectionService, WebchatListener,
];
