import type { Tx } from '@parley/service/tx';

const words = new Map<string, string>();
const camel = (column: string) => {
  let word = words.get(column);
  if (!word) words.set(column, (word = column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())));
  return word;
};

/** Runs plain, prepared SQL on the transaction's connection; rows come with their columns in camelCase. */
export async function rows<R extends object>(tx: Pick<Tx, 'sql'>, text: string, values: unknown[] = []): Promise<R[]> {
  const found = await tx.sql<Record<string, unknown>>(text, values);
  return found.map((row) => {
    const one: Record<string, unknown> = {};
    for (const column in row) one[camel(column)] = row[column];
    return one as R;
  });
}

/** `$from, $from+1, …`: placeholders for so many values. */
export const placeholders = (count: number, from = 1) => Array.from({ length: count }, (_, n) => `$${from + n}`).join(', ');
