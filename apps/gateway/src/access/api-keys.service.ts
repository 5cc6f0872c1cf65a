import { Inject, Injectable } from '@nestjs/common';
import type { access } from '@parley/contracts/access';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { newId } from '@parley/service/ids';
import { ENV } from '@parley/service/service';
import { within, type Tx } from '@parley/service/tx';
import { hkdfSync, randomBytes } from 'node:crypto';
import { DataSource, MoreThan } from 'typeorm';
import type { GatewayEnv } from '../gateway.config.js';
import { AccountEntity } from './account.entity.js';
import { ApiKeyEntity, toApiKey } from './api-key.entity.js';
import { composeKey, hashOf, KEY_BYTES, prefixOf } from './api-key.rules.js';
import { AuditService } from './audit.service.js';
import { afterCursor, pageOf } from './pages.js';

const USE_NOTED_EVERY_MS = 60_000;

/** ACC-3: keys for programs. */
@Injectable()
export class ApiKeysService {
  private readonly noted = new Map<string, number>();

  constructor(private readonly db: DataSource, private readonly audit: AuditService, @Inject(ENV) private readonly env: GatewayEnv) {}

  list({ limit, cursor }: Input<typeof access.listApiKeys>, by: Actor) {
    const after = afterCursor(cursor);
    return within(this.db, by, async (tx) => {
      const where = { accountId: by.account, ...(after && { id: MoreThan(after) }) };
      return pageOf(await tx.db.find(ApiKeyEntity, { where, order: { id: 'ASC' }, take: limit + 1 }), limit, toApiKey);
    });
  }

  /** The only answer that holds the key. A key makes no keys, and nobody gives what they do not have. @throws ContractError SCOPE_MISSING */
  create({ name, scopes }: Input<typeof access.createApiKey>, by: Actor) {
    const lacking = scopes.filter((scope) => !by.scopes.includes(scope));
    if (by.type !== 'agent') throw new ContractError('SCOPE_MISSING', 'A key cannot make keys: sign in');
    if (lacking.length) throw new ContractError('SCOPE_MISSING', `You do not have ${lacking.join(', ')} yourself`);
    const work = async (tx: Tx) => {
      const { mode } = await tx.db.findOneByOrFail(AccountEntity, { id: by.account });
      const key = composeKey(mode, this.bytesFor(by));
      const row = tx.db.create(ApiKeyEntity, { accountId: by.account, id: newId(), name, prefix: prefixOf(key), hash: hashOf(key), scopes: [...new Set(scopes)], createdAt: tx.at, lastUsedAt: null, revokedAt: null });
      await tx.db.insert(ApiKeyEntity, row);
      await tx.sql('INSERT INTO api_key_lookup (hash, account_id, api_key_id, scopes) VALUES ($1, $2, $3, $4)', [row.hash, by.account, row.id, row.scopes]);
      await this.audit.record(tx, { action: 'api_key.created', resource: `api-key/${row.id}`, after: toApiKey(row) });
      return { ...toApiKey(row), key };
    };
    return within(this.db, by, work, async (tx, id) => {
      const row = await this.find(tx, id);
      return { ...toApiKey(row), key: composeKey(row.prefix.startsWith('plk_test') ? 'test' : 'live', this.bytesFor(by)) };
    });
  }

  /** Works for nobody any more, within a second. @throws ContractError API_KEY_NOT_FOUND */
  revoke({ id }: Input<typeof access.revokeApiKey>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const key = await this.find(tx, id, 'lock');
      if (key.revokedAt) return toApiKey(key);
      const before = toApiKey(key);
      key.revokedAt = tx.at;
      await tx.db.save(key);
      await tx.sql('DELETE FROM api_key_lookup WHERE hash = $1', [key.hash]);
      await this.audit.record(tx, { action: 'api_key.revoked', resource: `api-key/${id}`, before, after: toApiKey(key) });
      return toApiKey(key);
    });
  }

  /** Remembers that a key was used, at most once a minute and process. */
  async noteUse(by: Actor) {
    const id = by.id!;
    if ((this.noted.get(id) ?? -Infinity) > performance.now() - USE_NOTED_EVERY_MS) return;
    this.noted.set(id, performance.now());
    await within(this.db, by, (tx) => tx.sql('UPDATE api_key SET last_used_at = $3 WHERE account_id = $1 AND id = $2', [by.account, id, tx.at]));
  }

  private async find(tx: Tx, id: string, how?: 'lock') {
    const key = await tx.db.findOne(ApiKeyEntity, { where: { accountId: tx.by.account, id }, ...(how && { lock: { mode: 'pessimistic_write' as const } }) });
    if (!key) throw new ContractError('API_KEY_NOT_FOUND', `No API key ${id}`);
    return key;
  }

  /** A repeated command (Idempotency-Key) makes the same key again from its id, so that the secret need not be stored to be answered twice. */
  private bytesFor(by: Actor): Uint8Array {
    if (!by.command) return randomBytes(KEY_BYTES);
    return new Uint8Array(hkdfSync('sha256', Buffer.from(this.env.PARLEY_SECRET_KEY, 'base64'), `${by.account}/${by.id}`, `api key ${by.command}`, KEY_BYTES));
  }
}
