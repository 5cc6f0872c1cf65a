import { Injectable } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import type { Person } from '@parley/contracts/privacy';
import type { Tx } from '@parley/service/tx';

@Injectable()
export class PrivacyRepository {
  /** Everything by which a customer is known, with those who were merged into them. Refuses with PROFILE_NOT_FOUND. */
  async person(tx: Tx, profileId: string): Promise<Person> {
    const [found] = await tx.sql<Person>(
      `WITH RECURSIVE top AS (
         SELECT id, merged_into FROM profile WHERE id = $1 AND account_id = $2
         UNION ALL SELECT o.id, o.merged_into FROM top JOIN profile o ON o.id = top.merged_into AND o.account_id = $2),
       who AS (
         SELECT id, 0 AS depth FROM top WHERE merged_into IS NULL
         UNION ALL SELECT o.id, who.depth + 1 FROM who JOIN profile o ON o.merged_into = who.id AND o.account_id = $2)
       SELECT (SELECT array_agg(id::text ORDER BY depth, id) FROM who) AS "profileIds",
         ARRAY(SELECT t.id::text FROM ticket t JOIN who ON t.profile_id = who.id WHERE t.account_id = $2) AS "ticketIds",
         ARRAY(SELECT t.chat_session_id::text FROM ticket t JOIN who ON t.profile_id = who.id WHERE t.account_id = $2 AND t.chat_session_id IS NOT NULL) AS "sessionIds",
         ARRAY(SELECT t.email_thread_key::text FROM ticket t JOIN who ON t.profile_id = who.id WHERE t.account_id = $2 AND t.email_thread_key IS NOT NULL) AS "threadIds",
         ARRAY(SELECT h.id::text FROM held_message h JOIN who ON h.profile_id = who.id WHERE h.account_id = $2) AS "messageIds",
         (SELECT coalesce(jsonb_agg(jsonb_build_object('type', i.type, 'value', i.value)), '[]') FROM profile_identifier i JOIN who ON i.profile_id = who.id WHERE i.account_id = $2) AS identifiers,
         ARRAY(
           SELECT a.sha256 FROM attachment a LEFT JOIN message m ON m.id = a.message_id LEFT JOIN ticket t ON t.id = m.ticket_id LEFT JOIN who ON who.id = t.profile_id
           WHERE a.account_id = $2 GROUP BY a.sha256 HAVING bool_and(who.id IS NOT NULL)
           UNION SELECT f.file ->> 'sha256' FROM held_message h JOIN who ON h.profile_id = who.id CROSS JOIN jsonb_array_elements(h.message -> 'attachments') f (file)
           WHERE h.account_id = $2 AND f.file ? 'sha256' AND NOT EXISTS (SELECT FROM attachment a WHERE a.account_id = $2 AND a.sha256 = f.file ->> 'sha256')) AS files`,
      [profileId, tx.by.account],
    );
    if (!found?.profileIds) throw new ContractError('PROFILE_NOT_FOUND', `No profile ${profileId}`);
    return found;
  }
}
