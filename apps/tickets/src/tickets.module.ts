import { Module } from '@nestjs/common';
import { RoutingRulesHandler, TeamsHandler } from './assignment/assignment.handler.js';
import { AssignmentListener } from './assignment/assignment.listener.js';
import { AssignmentService } from './assignment/assignment.service.js';
import { DeskRepository } from './assignment/desk.repository.js';
import { DeskService } from './assignment/desk.service.js';
import { QueueRepository } from './assignment/queue.repository.js';
import { QueueService } from './assignment/queue.service.js';
import { RoutingRulesRepository } from './assignment/routing-rules.repository.js';
import { RoutingRulesService } from './assignment/routing-rules.service.js';
import { RoutingService } from './assignment/routing.service.js';
import { TeamsRepository } from './assignment/teams.repository.js';
import { TeamsService } from './assignment/teams.service.js';
import { TriageService } from './conversation/triage.service.js';
import { ExplainHandler } from './explain/explain.handler.js';
import { ExplainService } from './explain/explain.service.js';
import { HistoryRepository } from './explain/history.repository.js';
import { HistoryService } from './explain/history.service.js';
import { MergingHandler } from './merging/merging.handler.js';
import { MergingRepository } from './merging/merging.repository.js';
import { MergingService } from './merging/merging.service.js';
import { SamplesRepository } from './spam/samples.repository.js';
import { SpamFilterService } from './spam/spam-filter.service.js';
import { SpamHandler } from './spam/spam.handler.js';
import { SpamService } from './spam/spam.service.js';
import { AmendmentsRepository } from './conversation/amendments.repository.js';
import { AmendmentsService } from './conversation/amendments.service.js';
import { AutoResponderRepository } from './conversation/auto-responder.repository.js';
import { AutoResponderService } from './conversation/auto-responder.service.js';
import { OutgoingTextsService } from './conversation/outgoing-texts.service.js';
import { CampaignsHandler } from './conversation/campaigns.handler.js';
import { CampaignsRepository } from './conversation/campaigns.repository.js';
import { CampaignsService } from './conversation/campaigns.service.js';
import { ChatsRepository } from './conversation/chats.repository.js';
import { ChatTextsService } from './conversation/chat-texts.service.js';
import { ChatsService } from './conversation/chats.service.js';
import { ConversationHandler } from './conversation/conversation.handler.js';
import { ConversationListener } from './conversation/conversation.listener.js';
import { ConversationService } from './conversation/conversation.service.js';
import { DeliveriesService } from './conversation/deliveries.service.js';
import { EchoesService } from './conversation/echoes.service.js';
import { HeldMessagesRepository } from './conversation/held-messages.repository.js';
import { MessagesRepository } from './conversation/messages.repository.js';
import { QuarantineListener } from './conversation/quarantine.listener.js';
import { QuarantineService } from './conversation/quarantine.service.js';
import { RepliesService } from './conversation/replies.service.js';
import { RetriesService } from './conversation/retries.service.js';
import { ThreadService } from './conversation/thread.service.js';
import { TextingListener } from './conversation/texting.listener.js';
import { DirectoryListener } from './directory/directory.listener.js';
import { DirectoryRepository } from './directory/directory.repository.js';
import { DirectoryService } from './directory/directory.service.js';
import { PrivacyHandler } from './privacy/privacy.handler.js';
import { PrivacyRepository } from './privacy/privacy.repository.js';
import { PrivacyService } from './privacy/privacy.service.js';
import { TombstonesRepository } from './privacy/tombstones.repository.js';
import { TombstonesService } from './privacy/tombstones.service.js';
import { ConsentsService } from './profiles/consents.service.js';
import { IdentityService } from './profiles/identity.service.js';
import { MergedTicketsService } from './profiles/merged-tickets.service.js';
import { MergesHandler } from './profiles/merges.handler.js';
import { MergesRepository } from './profiles/merges.repository.js';
import { MergesService } from './profiles/merges.service.js';
import { ProfilesHandler } from './profiles/profiles.handler.js';
import { ProfilesListener } from './profiles/profiles.listener.js';
import { ProfilesRepository } from './profiles/profiles.repository.js';
import { ProfilesService } from './profiles/profiles.service.js';
import { EventsHandler } from './events/events.handler.js';
import { EventsRepository } from './events/events.repository.js';
import { EventsService } from './events/events.service.js';
import { SummaryService } from './events/summary.service.js';
import { TimelineRepository } from './events/timeline.repository.js';
import { TimelineService } from './events/timeline.service.js';
import { MembershipService } from './segments/membership.service.js';
import { SegmentsHandler } from './segments/segments.handler.js';
import { SegmentsRepository } from './segments/segments.repository.js';
import { SegmentsService } from './segments/segments.service.js';
import { FilesHandler } from './files/files.handler.js';
import { FilesJobs } from './files/files.jobs.js';
import { FilesListener } from './files/files.listener.js';
import { FilesRepository } from './files/files.repository.js';
import { FilesService } from './files/files.service.js';
import { ScheduledRepliesRepository } from './conversation/scheduled-replies.repository.js';
import { TemplatesService } from './conversation/templates.service.js';
import { ScheduledRepliesService } from './conversation/scheduled-replies.service.js';
import { CouponsHandler } from './macros/coupons.handler.js';
import { CouponsRepository } from './macros/coupons.repository.js';
import { CouponsService } from './macros/coupons.service.js';
import { FillingService } from './macros/filling.service.js';
import { MacrosHandler } from './macros/macros.handler.js';
import { MacrosRepository } from './macros/macros.repository.js';
import { MacrosService } from './macros/macros.service.js';
import { OrdersRepository } from './macros/orders.repository.js';
import { TaggingService } from './tagging/tagging.service.js';
import { TagsHandler } from './tagging/tags.handler.js';
import { TagsRepository } from './tagging/tags.repository.js';
import { TagsService } from './tagging/tags.service.js';
import { SettingsHandler } from './settings/settings.handler.js';
import { SettingsRepository } from './settings/settings.repository.js';
import { SettingsService } from './settings/settings.service.js';
import { TicketsHandler } from './ticket/tickets.handler.js';
import { TicketsRepository } from './ticket/tickets.repository.js';
import { TicketsService } from './ticket/tickets.service.js';
import { RingsService } from './timers/rings.service.js';
import { TimersHandler } from './timers/timers.handler.js';
import { TimersJobs } from './timers/timers.jobs.js';
import { TimersService } from './timers/timers.service.js';
import { TimetableService } from './timers/timetable.service.js';
import { ActionsService } from './bulk/actions.service.js';
import { BulkHandler } from './bulk/bulk.handler.js';
import { BulkRepository } from './bulk/bulk.repository.js';
import { BulkService } from './bulk/bulk.service.js';
import { BulkWorkService } from './bulk/bulk-work.service.js';
import { DocumentsRepository } from './search/documents.repository.js';
import { IndexingService } from './search/indexing.service.js';
import { SearchHandler } from './search/search.handler.js';
import { SearchRepository } from './search/search.repository.js';
import { SearchService } from './search/search.service.js';
import { SavedViewsRepository } from './views/saved-views.repository.js';
import { SavedViewsService } from './views/saved-views.service.js';
import { ViewsHandler } from './views/views.handler.js';
import { ViewsRepository } from './views/views.repository.js';
import { ViewsService } from './views/views.service.js';

const customers = [SegmentsRepository, SegmentsService, MembershipService, EventsRepository, TimelineRepository, EventsService, TimelineService, SummaryService, CampaignsRepository, CampaignsService, AutoResponderRepository, AutoResponderService, OutgoingTextsService, MergesRepository, MergesService, MergedTicketsService];
const working = [
  MacrosRepository, MacrosService, FillingService, OrdersRepository, CouponsRepository, CouponsService, TagsRepository, TagsService, TaggingService,
  FilesRepository, FilesService, FilesListener, FilesJobs, ScheduledRepliesRepository, ScheduledRepliesService,
];
const deciding = [
  DeskRepository, DeskService, QueueRepository, QueueService, TeamsRepository, TeamsService, RoutingRulesRepository, RoutingRulesService, RoutingService, AssignmentService,
  AssignmentListener, TriageService, HistoryRepository, HistoryService, ExplainService, MergingRepository, MergingService, SamplesRepository, SpamFilterService, SpamService,
];
const privacy = [PrivacyRepository, PrivacyService, TombstonesRepository, TombstonesService];
const repositories = [TicketsRepository, MessagesRepository, HeldMessagesRepository, AmendmentsRepository, ChatsRepository, ProfilesRepository, DirectoryRepository, SettingsRepository, ViewsRepository];
const services = [
  TicketsService, ConversationService, AmendmentsService, EchoesService, QuarantineService, RepliesService, RetriesService, TemplatesService, ThreadService, DeliveriesService, ChatsService, ChatTextsService, TimetableService, TimersService, RingsService,
  ProfilesService, IdentityService, ConsentsService, DirectoryService, SettingsService, ViewsService,
];
const listeners = [DirectoryListener, ProfilesListener, ConversationListener, TextingListener, QuarantineListener, TimersJobs];
const inbox = [
  SavedViewsRepository, SavedViewsService, SearchRepository, SearchService, DocumentsRepository, IndexingService, BulkRepository, BulkService, BulkWorkService, ActionsService,
];

@Module({
  controllers: [ViewsHandler, SearchHandler, BulkHandler, PrivacyHandler, TeamsHandler, RoutingRulesHandler, ExplainHandler, MergingHandler, SpamHandler, EventsHandler, CampaignsHandler, MergesHandler, MacrosHandler, CouponsHandler, TagsHandler, FilesHandler, SegmentsHandler, TicketsHandler, ConversationHandler, TimersHandler, ProfilesHandler, SettingsHandler],
  providers: [...inbox, ...privacy, ...deciding, ...working, ...customers, ...repositories, ...services, ...listeners],
})
export class TicketsModule {}
