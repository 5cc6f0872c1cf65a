import type { Control } from './options.js';

/** By which violations each control must be noticed: being red for any other reason does not count. */
const REASONS: Record<Control, string[]> = {
  cursor: ['lost', 'doubled', 'out of order', 'public fact that is not in the feed once', 'fact that reporting has not kept once'],
  head: ['gap in a log', 'lost', 'public fact that is not in the feed once', 'fact that reporting has not kept once'],
  books: ['books that do not balance'],
  timer: ['timer with two effects', 'timer that is due and not done', 'timer that rang although it was called off', 'timer before its time'],
};

/** What a broken promise was noticed by. */
export const reasonOf = (control: Control, violations: Record<string, number>): string[] => REASONS[control].filter((reason) => violations[reason]);
