import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';

/** Hashes of identifiers that belonged to somebody who was erased. */
@Injectable()
export class TombstonesRepository {
  async put(tx: Tx, hashes: string[]): Promise<void> {
    await tx.sql('INSERT INTO erased_identifier (account_id, hash, at) SELECT $1, h, $3 FROM unnest($2::text[]) h ON CONFLICT DO NOTHING', [tx.by.account, hashes, tx.at]);
  }

  /** Those of the hashes that stand here. */
  async among(tx: Tx, hashes: string[]): Promise<Set<string>> {
    const found = await tx.sql<{ hash: string }>('SELECT hash FROM erased_identifier WHERE account_id = $1 AND hash = ANY ($2)', [tx.by.account, hashes]);
    return new Set(found.map(({ hash }) => hash));
  }
}
