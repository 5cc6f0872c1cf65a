const LENGTH = 140;

/** The beginning of a message on one line, for a row of a list (TKT-17): of what is new in it (MAIL-5); the names of its files where it has no words. */
export function preview(message: { text: string; newText?: string | null; attachments: { name: string }[] }): string | null {
  const line = (message.newText || message.text || message.attachments.map(({ name }) => name).join(', ')).slice(0, LENGTH * 4).replace(/\s+/g, ' ').trim();
  const letters = Array.from(line);
  return letters.length > LENGTH ? `${letters.slice(0, LENGTH - 1).join('')}…` : line || null;
}
