import { Injectable } from '@nestjs/common';
import type { User } from '@parley/contracts/access';
import type { Tx } from '@parley/service/tx';

export type Colleague = { id: string; email: string; active: boolean };

/** People and settings, as other services told them: the newest version wins, in whatever order they come. */
@Injectable()
export class StaffRepository {
  async keepPerson(tx: Tx, { id, email, name, active, version }: User) {
    await tx.sql(
      `INSERT INTO colleague AS known (account_id, id, email, name, active, version) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (account_id, id) DO UPDATE SET email = $3, name = $4, active = $5, version = $6 WHERE known.version < $6`,
      [tx.by.account, id, email, name, active, version],
    );
  }

  async keepSettings(tx: Tx, values: object, version: number) {
    await tx.sql(
      `INSERT INTO staff_mail_settings AS known (account_id, "values", version) VALUES ($1, $2, $3)
       ON CONFLICT (account_id) DO UPDATE SET "values" = $2, version = $3 WHERE known.version < $3`,
      [tx.by.account, JSON.stringify(values), version],
    );
  }

  async settings(tx: Tx): Promise<object> {
    const [row] = await tx.sql<{ values: object }>('SELECT "values" FROM staff_mail_settings WHERE account_id = $1', [tx.by.account]);
    return row?.values ?? {};
  }

  people(tx: Tx, ids: string[]): Promise<Colleague[]> {
    return tx.sql('SELECT id, email, active FROM colleague WHERE account_id = $1 AND id = ANY ($2::uuid[])', [tx.by.account, ids]);
  }

  /** Those of the addresses by which nobody may be reached any more: of people who have left, and of none who is here. */
  async left(tx: Tx, addresses: string[]): Promise<Set<string>> {
    const found = await tx.sql<{ address: string }>(
      'SELECT lower(email) AS address FROM colleague WHERE account_id = $1 AND lower(email) = ANY ($2::text[]) GROUP BY 1 HAVING NOT bool_or(active)',
      [tx.by.account, addresses.map((address) => address.toLowerCase())],
    );
    return new Set(found.map(({ address }) => address));
  }
}
