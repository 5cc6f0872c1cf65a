import { readEnv, SERVICE_ENV } from '@parley/service/config';
import { dataSourceOf } from '@parley/service/database';
import { logger } from '@parley/service/logging';
import { FactsRepository } from './facts.repository.js';
import { FactsService } from './facts.service.js';
import { RebuildService } from './rebuild.service.js';

/** `main.js --rebuild`: rebuilds the facts of every account and ends. Running services go on meanwhile. */
export async function rebuild() {
  const db = await dataSourceOf(readEnv(SERVICE_ENV).DATABASE_URL, [], []).initialize();
  const repository = new FactsRepository();
  try {
    logger.info(await new RebuildService(db, repository, new FactsService(repository)).all(), 'facts are rebuilt');
  } finally {
    await db.destroy();
  }
}
