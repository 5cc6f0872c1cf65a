import { Injectable } from '@nestjs/common';
import type { Attachment } from '@parley/contracts/channels';
import { ContractError } from '@parley/contracts/errors';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';

type Row = Omit<Attachment, 'sha256' | 'contentId'> & { sha256: string; contentId: string | null };
const COLUMNS = 'id, name, content_type, size_bytes, inline, sha256, content_id';

@Injectable()
export class FilesRepository {
  async insert(tx: Tx, file: Attachment & { sha256: string }) {
    await tx.sql(
      'INSERT INTO attachment (id, account_id, name, content_type, size_bytes, inline, sha256, uploaded_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
      [file.id, tx.by.account, file.name, file.contentType, file.sizeBytes, file.inline, file.sha256, tx.by.id, tx.at],
    );
  }

  /** Those of them that there are, in the order of the ids. */
  async some(tx: Tx, ids: string[]): Promise<Attachment[]> {
    const text = `SELECT ${COLUMNS} FROM unnest($2::uuid[]) WITH ORDINALITY u(wanted, place) JOIN attachment a ON a.id = u.wanted WHERE a.account_id = $1 ORDER BY place`;
    return (await rows<Row>(tx, text, [tx.by.account, ids])).map(toAttachment);
  }

  /** Does a reply wait that will send it? */
  async isAwaited(tx: Tx, id: string): Promise<boolean> {
    return (await tx.sql(`SELECT FROM scheduled_reply WHERE account_id = $1 AND state = 'waiting' AND $2::uuid = ANY (attachments) LIMIT 1`, [tx.by.account, id])).length > 0;
  }

  /** Takes out those of them that stand in no message: their hashes. */
  async dropUnsent(tx: Tx, ids: string[]): Promise<string[]> {
    const gone = await tx.sql<{ sha256: string }>('DELETE FROM attachment WHERE account_id = $1 AND id = ANY ($2) AND message_id IS NULL RETURNING sha256', [tx.by.account, ids]);
    return gone.map(({ sha256 }) => sha256);
  }

  /** Those of the hashes under which nothing is known any more. */
  async unneeded(tx: Tx, hashes: string[]): Promise<string[]> {
    const text = `SELECT h AS sha256 FROM unnest($2::text[]) h WHERE NOT EXISTS (SELECT FROM attachment a WHERE a.account_id = $1 AND a.sha256 = h)
      AND NOT EXISTS (SELECT FROM held_message m WHERE m.account_id = $1 AND m.message -> 'attachments' @> jsonb_build_array(jsonb_build_object('sha256', h)))`;
    return (await tx.sql<{ sha256: string }>(text, [tx.by.account, hashes])).map(({ sha256 }) => sha256);
  }

  /** @throws ContractError ATTACHMENT_NOT_FOUND */
  async find(tx: Tx, id: string): Promise<Attachment> {
    const [file] = await this.some(tx, [id]);
    if (!file) throw new ContractError('ATTACHMENT_NOT_FOUND', `No file ${id}`);
    return file;
  }
}

const toAttachment = ({ contentId, ...file }: Row): Attachment => ({ ...file, ...(contentId !== null && { contentId }) });
