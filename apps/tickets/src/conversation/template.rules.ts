/** A text with its places filled: what the customer reads. A place that nothing fills stays as it is. */
export function filled(text: string, places: readonly string[], variables: readonly string[]): string {
  const values = new Map(places.map((name, place) => [name, variables[place]]));
  return text.replace(/\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g, (whole, name: string) => values.get(name) ?? whole);
}

/** Meta takes no line breaks, tabs or more than four blanks in a row there. https://developers.facebook.com/docs/whatsapp/message-templates/guidelines */
export const isFitForTemplate = (variable: string): boolean => variable.trim() !== '' && !/[\n\r\t]| {5,}/.test(variable);
