import { Module } from '@nestjs/common';
import { FileStore, fileStoreOf } from '@parley/service/files';
import { SafeHttp } from '@parley/service/http';
import { Secrets } from '@parley/service/secrets';
import { ENV } from '@parley/service/service';
import { adapters } from './adapters.js';
import { BooksHandler } from './books/books.handler.js';
import { BooksRepository } from './books/books.repository.js';
import { BooksService } from './books/books.service.js';
import { ChannelsHandler } from './channel/channels.handler.js';
import { ChannelsRepository } from './channel/channels.repository.js';
import { ChannelsService } from './channel/channels.service.js';
import type { ChannelsEnv } from './channels.config.js';
import { emailProviders } from './email/email.providers.js';
import { MailSetupHandler } from './email/setup/mail-setup.handler.js';
import { HealthHandler } from './health/health.handler.js';
import { HealthRepository } from './health/health.repository.js';
import { HealthService } from './health/health.service.js';
import { HealthWatchService } from './health/health-watch.service.js';
import { GapsRepository } from './gaps/gaps.repository.js';
import { GapsService } from './gaps/gaps.service.js';
import { HooksService } from './hooks/hooks.service.js';
import { InboundRepository } from './inbound/inbound.repository.js';
import { IntroductionsService } from './inbound/introductions.service.js';
import { IntakeService } from './inbound/intake.service.js';
import { KeywordAnswersService } from './inbound/keyword-answers.service.js';
import { OutcomesListener } from './inbound/outcomes.listener.js';
import { OutcomesService } from './inbound/outcomes.service.js';
import { RetentionService } from './inbound/retention.service.js';
import { FetchingService } from './media/fetching.service.js';
import { MediaListener } from './media/media.listener.js';
import { MediaRepository } from './media/media.repository.js';
import { MediaService } from './media/media.service.js';
import { LinksHandler } from './links/links.handler.js';
import { LinksRepository } from './links/links.repository.js';
import { LinksService } from './links/links.service.js';
import { Bell } from './outbound/bell.js';
import { DeliveriesRepository } from './outbound/deliveries.repository.js';
import { DeliveriesService } from './outbound/deliveries.service.js';
import { OutboundListener } from './outbound/outbound.listener.js';
import { OutboxRepository } from './outbound/outbox.repository.js';
import { OutgoingFilesService } from './outbound/outgoing-files.service.js';
import { SenderService } from './outbound/sender.service.js';
import { QuarantineHandler } from './quarantine/quarantine.handler.js';
import { QuarantineRepository } from './quarantine/quarantine.repository.js';
import { QuarantineService } from './quarantine/quarantine.service.js';
import { ShelfService } from './quarantine/shelf.service.js';
import { PrivacyHandler } from './privacy/privacy.handler.js';
import { PrivacyService } from './privacy/privacy.service.js';
import { TextingHandler } from './texting/texting.handler.js';
import { TextingService } from './texting/texting.service.js';
import { ChatSetupHandler } from './webchat/chat-setup.handler.js';
import { AmendmentsRepository } from './thread/amendments.repository.js';
import { AmendmentsService } from './thread/amendments.service.js';
import { EchoesRepository } from './thread/echoes.repository.js';
import { EchoesService } from './thread/echoes.service.js';
import { OriginalsRepository } from './thread/originals.repository.js';
import { WebchatHandler } from './webchat/webchat.handler.js';
import { TemplatesHandler } from './whatsapp/templates.handler.js';
import { TemplatesRepository } from './whatsapp/templates.repository.js';
import { TemplatesService } from './whatsapp/templates.service.js';
import { webchatProviders } from './webchat/webchat.providers.js';

@Module({
  controllers: [TemplatesHandler, MailSetupHandler, PrivacyHandler, ChannelsHandler, HealthHandler, QuarantineHandler, BooksHandler, TextingHandler, LinksHandler, ChatSetupHandler, WebchatHandler],
  providers: [
    { provide: Secrets, inject: [ENV], useFactory: (env: ChannelsEnv) => new Secrets(env.PARLEY_SECRET_KEY) },
    { provide: SafeHttp, inject: [ENV], useFactory: (env: ChannelsEnv) => new SafeHttp(env.PARLEY_EGRESS_ALLOW_CIDRS.split(',')) },
    { provide: FileStore, inject: [ENV, SafeHttp], useFactory: (env: ChannelsEnv, http: SafeHttp) => fileStoreOf(env, http) },
    PrivacyService,
    adapters,
    ...[ChannelsRepository, ChannelsService, BooksRepository, BooksService],
    ...[QuarantineRepository, ShelfService, QuarantineService],
    ...[HealthRepository, HealthService, HealthWatchService],
    ...[InboundRepository, IntakeService, KeywordAnswersService, OutcomesService, OutcomesListener, RetentionService, HooksService],
    ...[MediaRepository, MediaService, MediaListener, FetchingService],
    ...[OriginalsRepository, AmendmentsRepository, AmendmentsService, EchoesRepository, EchoesService],
    ...[Bell, OutboxRepository, DeliveriesRepository, DeliveriesService, OutboundListener, OutgoingFilesService, SenderService],
    ...[TextingService, LinksRepository, LinksService, GapsRepository, GapsService],
    ...emailProviders,
    ...[TemplatesRepository, TemplatesService, IntroductionsService],
    ...webchatProviders,
  ],
})
export class ChannelsModule {}
