/** Rows of equal shape as lines of aligned text. */
export function table(title: string, given: readonly object[]): string {
  const rows = given as Record<string, unknown>[];
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [names, ...rows.map((row) => names.map((name) => told(row[name])))];
  const widths = names.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  const lines = cells.map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  '));
  return [title, ...lines].join('\n');
}

const told = (value: unknown) => (typeof value === 'number' ? String(Math.round(value * 1000) / 1000) : String(value ?? ''));
