import { ContractError } from '@parley/contracts/errors';

/** Rows are listed by id: UUIDv7, so in the order they were made. A cursor holds the last id of the page before. */
export function afterCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const id = Buffer.from(cursor, 'base64url').toString();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw new ContractError('VALIDATION_FAILED', 'The cursor is none of ours', { errors: [{ pointer: '/cursor', message: 'is no nextCursor of a page before' }] });
  return id;
}

/** `rows` were asked for with one more than `limit`: whether there is a next page shows by it. */
export function pageOf<R extends { id: string }, T>(rows: R[], limit: number, show: (row: R) => T) {
  const shown = rows.slice(0, limit);
  return { items: shown.map(show), nextCursor: rows.length > limit ? Buffer.from(shown.at(-1)!.id).toString('base64url') : null };
}
