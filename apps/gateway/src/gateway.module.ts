import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AccessHandler } from './access/access.handler.js';
import { AccessTokensService } from './access/access-tokens.service.js';
import { AccountsService } from './access/accounts.service.js';
import { ApiKeysService } from './access/api-keys.service.js';
import { AttemptsRepository } from './access/attempts.repository.js';
import { AuditChainRepository } from './access/audit-chain.repository.js';
import { AuditJobs } from './access/audit.jobs.js';
import { AuditListener } from './access/audit.listener.js';
import { AuditService } from './access/audit.service.js';
import { PasswordsService } from './access/passwords.service.js';
import { PeopleService } from './access/people.service.js';
import { SessionsService } from './access/sessions.service.js';
import { StandingService } from './access/standing.service.js';
import { CallersService } from './api/callers.service.js';
import { DoorService } from './api/door.service.js';
import { IdempotencyRepository } from './api/idempotency.repository.js';
import { IdempotencyService } from './api/idempotency.service.js';
import { LimitsService } from './api/limits.service.js';
import { TestClockHandler } from './clock/test-clock.handler.js';
import { TestClockService } from './clock/test-clock.service.js';
import { FileStore, fileStoreOf } from '@parley/service/files';
import { SafeHttp } from '@parley/service/http';
import { ENV } from '@parley/service/service';
import { AttachmentsService } from './files/attachments.service.js';
import type { GatewayEnv } from './gateway.config.js';
import { FeedReadersService } from './live/feed-readers.service.js';
import { LiveDoors } from './live/live.doors.js';
import { VisitorsService } from './live/visitors.service.js';
import { ErasuresRepository } from './privacy/erasures.repository.js';
import { ErasuresService } from './privacy/erasures.service.js';
import { ExportsService } from './privacy/exports.service.js';
import { PrivacyHandler } from './privacy/privacy.handler.js';
import { ProblemsFilter } from './problems.filter.js';

const access = [
  AccessHandler, AccountsService, PeopleService, SessionsService, ApiKeysService, AuditService, AuditChainRepository, AuditListener, AuditJobs, StandingService, AccessTokensService, PasswordsService, AttemptsRepository,
];
const api = [DoorService, CallersService, LimitsService, IdempotencyService, IdempotencyRepository];
const files = [
  AttachmentsService,
  { provide: SafeHttp, inject: [ENV], useFactory: (env: GatewayEnv) => new SafeHttp(env.PARLEY_EGRESS_ALLOW_CIDRS.split(',')) },
  { provide: FileStore, inject: [ENV, SafeHttp], useFactory: (env: GatewayEnv, http: SafeHttp) => fileStoreOf(env, http) },
];
const privacy = [PrivacyHandler, ExportsService, ErasuresService, ErasuresRepository];
const live = [LiveDoors, FeedReadersService, VisitorsService];

@Module({ providers: [...access, ...api, ...privacy, ...files, ...live, TestClockHandler, TestClockService, { provide: APP_FILTER, useClass: ProblemsFilter }] })
export class GatewayModule {}
