import { Module } from '@nestjs/common';
import { Secrets } from '@parley/service/secrets';
import { ENV } from '@parley/service/service';
import { FeedHandler } from './feed/feed.handler.js';
import { FeedJobs } from './feed/feed.jobs.js';
import { FeedListener } from './feed/feed.listener.js';
import { FeedRepository } from './feed/feed.repository.js';
import { FeedService } from './feed/feed.service.js';
import { DeliveryService } from './follow-up/delivery.service.js';
import { FollowUpJobs } from './follow-up/follow-up.jobs.js';
import { FollowUpListener } from './follow-up/follow-up.listener.js';
import { FollowUpService } from './follow-up/follow-up.service.js';
import { MailBell } from './follow-up/mail-bell.js';
import { Mailer } from './follow-up/mailer.js';
import { MailsRepository } from './follow-up/mails.repository.js';
import { MailsService } from './follow-up/mails.service.js';
import type { NotificationsEnv } from './notifications.config.js';
import { PrivacyHandler } from './privacy/privacy.handler.js';
import { PrivacyService } from './privacy/privacy.service.js';
import { StaffMailListener } from './staff-mail/staff-mail.listener.js';
import { StaffMailService } from './staff-mail/staff-mail.service.js';
import { StaffRepository } from './staff-mail/staff.repository.js';
import { StaffService } from './staff-mail/staff.service.js';

@Module({
  controllers: [PrivacyHandler, FeedHandler],
  providers: [
    PrivacyService, FeedListener, FeedJobs, FeedService, FeedRepository,
    FollowUpListener, FollowUpJobs, FollowUpService, DeliveryService, MailsService, MailsRepository, MailBell,
    StaffMailListener, StaffMailService, StaffService, StaffRepository,
    { provide: Mailer, inject: [ENV], useFactory: (env: NotificationsEnv) => new Mailer(env.PARLEY_OUTBOUND_SMTP_URL) },
    { provide: Secrets, inject: [ENV], useFactory: (env: NotificationsEnv) => new Secrets(env.PARLEY_SECRET_KEY) },
  ],
})
export class NotificationsModule {}
