import type { Desk } from './desk.js';

const AT_ONCE = 5000;

/** Many mail tickets of one person, by SQL, all with one tag. */
export async function crowd(desk: Desk, tag: string, count: number): Promise<void> {
  const { profile } = await desk.ticket('email');
  for (let left = count; left > 0; left -= AT_ONCE) await some(desk, profile.id, tag, Math.min(left, AT_ONCE));
}

const some = (desk: Desk, profileId: string, tag: string, count: number) =>
  desk.rig.tx(async (tx) => {
    const [last] = await tx.sql<{ number: number }>('UPDATE ticket_counter SET number = number + $2 WHERE account_id = $1 RETURNING number - $2 AS number', [desk.rig.account, count]);
    await tx.sql(
      `INSERT INTO ticket (id, account_id, number, partition, channel_type, channel_id, profile_id, email_thread_key, customer, tags, open_since, last_message_at, last_inbound_at, created_at)
       SELECT gen_random_uuid(), $1, $6::bigint + n, n % 16, 'email', $2, $3, gen_random_uuid(), '{"type": "email", "value": "mia@example.com", "verified": true}', ARRAY[$5], now(), now() - make_interval(secs => n), now(), now()
       FROM generate_series(1, $4::int) n`,
      [desk.rig.account, desk.channels.email, profileId, count, tag, last!.number],
    );
  });
