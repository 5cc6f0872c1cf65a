import { Injectable } from '@nestjs/common';
import type { Account } from '@parley/contracts/access';
import type { Tx } from '@parley/service/tx';

/** What web chats need to know of the account; heard from access. */
export type Brand = Pick<Account, 'name' | 'locale' | 'timezone' | 'logoUrl' | 'brandColor' | 'accentColor' | 'privacyUrl' | 'termsUrl'>;

@Injectable()
export class BrandRepository {
  async find({ sql, by }: Tx): Promise<Brand | null> {
    const [row] = await sql<{ brand: Brand }>('SELECT brand FROM brand WHERE account_id = $1', [by.account]);
    return row?.brand ?? null;
  }

  async save({ sql, by }: Tx, brand: Brand) {
    await sql('INSERT INTO brand (account_id, brand) VALUES ($1, $2) ON CONFLICT (account_id) DO UPDATE SET brand = excluded.brand', [by.account, JSON.stringify(brand)]);
  }
}
