/** Rows as columns of text, wide enough for what they hold; deep values as JSON, one line each. */
export function table(rows: object[]): string {
  const [first] = rows;
  if (!first) return 'nothing';
  const names = Object.keys(first);
  const cells = rows.map((row) => names.map((name) => textOf((row as Record<string, unknown>)[name])));
  const widths = names.map((name, at) => Math.max(name.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: string[]) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ').trimEnd();
  return [line(names), line(widths.map((width) => '─'.repeat(width))), ...cells.map(line)].join('\n');
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
