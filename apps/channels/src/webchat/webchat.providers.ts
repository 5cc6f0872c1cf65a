import { BrandRepository } from './brand.repository.js';
import { ChatFilesService } from './chat-files.service.js';
import { ChatService } from './chat.service.js';
import { ChatsRepository } from './chats.repository.js';
import { HintsService } from './hints.service.js';
import { IdentityService } from './identity.service.js';
import { LeasesRepository } from './leases.repository.js';
import { PresenceService } from './presence.service.js';
import { ProjectionService } from './projection.service.js';
import { SessionsService } from './sessions.service.js';
import { ThreadRepository } from './thread.repository.js';
import { TokensRepository } from './tokens.repository.js';
import { WebchatListener } from './webchat.listener.js';

export const webchatProviders = [
  BrandRepository, ChatsRepository, LeasesRepository, ThreadRepository, TokensRepository,
  IdentityService, SessionsService, ChatService, ChatFilesService, HintsService, PresenceService, ProjectionService, WebchatListener,
];
