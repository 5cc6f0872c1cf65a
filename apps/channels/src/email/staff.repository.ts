import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';

@Injectable()
export class StaffRepository {
  async forget({ sql, by }: Tx, userId: string) {
    await sql('DELETE FROM staff_address WHERE account_id = $1 AND user_id = $2', [by.account, userId]);
  }

  /** `address`: canonical. */
  async remember({ sql, by }: Tx, userId: string, address: string) {
    await sql('INSERT INTO staff_address (account_id, user_id, address) VALUES ($1, $2, $3) ON CONFLICT (account_id, user_id) DO UPDATE SET address = excluded.address', [by.account, userId, address]);
  }

  /** Is this the address of one of the brand's people? */
  async has({ sql, by }: Tx, address: string): Promise<boolean> {
    return (await sql('SELECT 1 FROM staff_address WHERE account_id = $1 AND address = $2', [by.account, address])).length > 0;
  }
}
