/** Cuts a text into pieces of at most `most` by `sizeOf`, at a blank or a line's end where there is one, never inside a character. */
export function piecesOf(text: string, most: number, sizeOf: (text: string) => number): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (sizeOf(rest) > most) {
    const whole = fitting(rest, most, sizeOf);
    const blank = Math.max(whole.lastIndexOf(' '), whole.lastIndexOf('\n'));
    const piece = blank > whole.length / 2 ? whole.slice(0, blank) : whole;
    pieces.push(piece);
    rest = rest.slice(piece.length).trimStart();
  }
  return rest ? [...pieces, rest] : pieces;
}

/** The longest beginning that fits; at least one character. */
function fitting(text: string, most: number, sizeOf: (text: string) => number): string {
  let whole = '';
  let size = 0;
  for (const character of text) {
    size += sizeOf(character);
    if (whole && size > most) break;
    whole += character;
  }
  return whole;
}
