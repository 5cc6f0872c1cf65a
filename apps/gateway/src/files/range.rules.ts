/** The piece of a file that somebody asks for (RFC 9110, 14.2), both ends included; `all`: no piece, or none that we can tell; `none`: a piece that is not there. */
export function rangeOf(header: string | undefined, sizeBytes: number): { start: number; end: number } | 'all' | 'none' {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (from === undefined || (!from && !to)) return 'all';
  const start = from ? Number(from) : Math.max(0, sizeBytes - Number(to));
  const end = from && to ? Math.min(Number(to), sizeBytes - 1) : sizeBytes - 1;
  if (from && to && Number(to) < Number(from)) return 'all';
  return start > end ? 'none' : { start, end };
}
