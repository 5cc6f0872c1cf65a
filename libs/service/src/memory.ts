import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** After the start, in milliseconds: whatever is loaded late has come by then. */
const SETTLED_MS = 3000;

/** Gives back what only the start needed: V8 itself would keep it until the heap had grown to twice its size. One short pause, once. */
export function freeAfterStart() {
  setTimeout(() => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as (how: object) => void;
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  }, SETTLED_MS).unref();
}
