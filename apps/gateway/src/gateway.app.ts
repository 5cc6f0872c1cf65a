import { ENV, type ServiceApp } from '@parley/service/service';
import type { FastifyInstance } from 'fastify';
import type { INestApplication } from '@nestjs/common';
import { AccountEntity } from './access/account.entity.js';
import { ApiKeyEntity } from './access/api-key.entity.js';
import { AuditEntryEntity } from './access/audit-entry.entity.js';
import { UserEntity } from './access/user.entity.js';
import { answerPreflights } from './api/cross-origin.js';
import { LimitsService } from './api/limits.service.js';
import { serveApi } from './api/routes.js';
import { serveDocs } from './docs/docs.js';
import { serveFiles } from './files/files.routes.js';
import { GATEWAY_ENV, type GatewayEnv } from './gateway.config.js';
import { GatewayModule } from './gateway.module.js';
import { serveHooks } from './hooks/hooks.js';
import { hangUpWhenDone, harden, jsonOnly, unreadable } from './http.js';
import { serveLinks } from './links/links.routes.js';
import { LiveDoors } from './live/live.doors.js';
import { serveStream } from './live/stream.js';
import { Access1763600100000 } from './migrations/1763600100000-access.migration.js';
import { Privacy1763650500000 } from './migrations/1763650500000-privacy.migration.js';
import { AuditRetention1763661000000 } from './migrations/1763661000000-audit-retention.migration.js';
import { serveExports } from './privacy/exports.js';

/** HTTP and WebSocket in, NATS out. It owns who may come in; everything else it asks. */
export const gatewayApp: ServiceApp = {
  name: 'access',
  module: GatewayModule,
  env: GATEWAY_ENV,
  entities: [AccountEntity, UserEntity, ApiKeyEntity, AuditEntryEntity],
  migrations: [Access1763600100000, Privacy1763650500000, AuditRetention1763661000000],
  http,
  unreadable,
};

async function http(fastify: FastifyInstance, app: INestApplication) {
  const env = app.get<GatewayEnv>(ENV);
  harden(fastify, app.get(LimitsService), env.PARLEY_TRUST_PROXY);
  hangUpWhenDone(fastify);
  void fastify.register(async (api) => {
    jsonOnly(api);
    answerPreflights(api, app);
    serveApi(api, app);
    serveStream(api, app);
    serveExports(api, app);
  });
  void fastify.register(async (files) => serveFiles(files, app));
  void fastify.register(async (hooks) => serveHooks(hooks, env));
  void fastify.register(async (short) => serveLinks(short, app));
  void fastify.register(async (docs) => serveDocs(docs));
  app.get(LiveDoors).attach(fastify.server);
}
