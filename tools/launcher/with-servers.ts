// node tools/launcher/bootstrap.mjs with-servers <command …>: runs the command with fresh private servers, e.g. one spec.
import { runInForeground, untilSignal } from './foreground.js';
import { openScratch } from './scratch.js';

const abort = untilSignal();
const [program, ...args] = process.argv.slice(2);
if (!program) {
  console.error('usage: with-servers <command> [arguments]');
  process.exit(2);
}
const scratch = await openScratch((line) => console.error(`parley: ${line}`)).catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
try {
  process.exitCode = await runInForeground(program, args, { ...process.env, ...scratch.env }, abort);
} finally {
  await scratch.close();
}
