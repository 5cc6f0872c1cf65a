import { EmailAdapter } from './email.adapter.js';
import { EmailListener } from './email.listener.js';
import { ForwardsService } from './forwards.service.js';
import { AccessTokensService } from './imap/access-tokens.service.js';
import { ImapReaderService } from './imap/imap-reader.service.js';
import { ImapRepository } from './imap/imap.repository.js';
import { ImapService } from './imap/imap.service.js';
import { IncomingService } from './incoming.service.js';
import { MailFilesService } from './mail-files.service.js';
import { MailReaderService } from './mail-reader.service.js';
import { MailboxRepository } from './mailbox.repository.js';
import { MailboxService } from './mailbox.service.js';
import { MailerService } from './mailer.service.js';
import { PostOfficeService } from './post-office.service.js';
import { ConfirmationsService } from './setup/confirmations.service.js';
import { SendersRepository } from './setup/senders.repository.js';
import { SendersService } from './setup/senders.service.js';
import { SmtpListener } from './smtp.listener.js';
import { StaffRepository } from './staff.repository.js';
import { ThreadsRepository } from './threads.repository.js';
import { ThreadsService } from './threads.service.js';

export const emailProviders = [
  ImapRepository, MailboxRepository, SendersRepository, StaffRepository, ThreadsRepository,
  ConfirmationsService, SendersService,
  AccessTokensService, ImapReaderService, ImapService,
  EmailAdapter, EmailListener, ForwardsService, IncomingService, MailFilesService, MailReaderService, MailboxService, MailerService, PostOfficeService, SmtpListener, ThreadsService,
];
