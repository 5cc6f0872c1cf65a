import { Injectable } from '@nestjs/common';
import type { User } from '@parley/contracts/access';
import type { Tx } from '@parley/service/tx';
import { canonical } from './address.rules.js';

@Injectable()
export class StaffRepository {
  /** Whoever was deactivated is forgotten. */
  async remember({ sql, by }: Tx, { id, email, active }: Pick<User, 'id' | 'email' | 'active'>) {
    if (!active) return void (await sql('DELETE FROM staff_address WHERE account_id = $1 AND user_id = $2', [by.account, id]));
    await sql('INSERT INTO staff_address (account_id, user_id, address) VALUES ($1, $2, $3) ON CONFLICT (account_id, user_id) DO UPDATE SET address = excluded.address', [by.account, id, canonical(email)]);
  }

  /** Is this the address of one of the brand's people? */
  async has({ sql, by }: Tx, address: string): Promise<boolean> {
    return (await sql('SELECT 1 FROM staff_address WHERE account_id = $1 AND address = $2', [by.account, address])).length > 0;
  }
}
