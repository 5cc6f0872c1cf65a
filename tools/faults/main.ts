// npm run faults: the real thing, two of each service, clients and faults; then every promise of messaging.md section 7 is checked from
// the databases. Prints one line of JSON; the exit code is 0 only for a green verdict (with --controls: only when every control is red).
import { controlOf, CONTROLS, HELP, readOptions, type Options } from './options.js';
import { runFaults, type Result } from './run.js';
import { reasonOf } from './controls.js';

const say = (line: string) => console.error(line);
const { help, all, run } = readOptions(process.argv.slice(2));
if (help) console.log(HELP);
else process.exitCode = (await (all ? controls(run) : one(run))) ? 0 : 1;

async function one(options: Options): Promise<boolean> {
  const result = await runFaults(options, say);
  console.log(JSON.stringify(result));
  return result.verdict === 'green';
}

/** A control that stays green, or is red for another reason than the one it was made for, means that the harness is blind. */
async function controls(options: Options): Promise<boolean> {
  const reasons: Record<string, string[]> = {};
  for (const control of CONTROLS) {
    say(`── control: ${control}`);
    const result: Result = await runFaults(controlOf(options, control), say);
    console.log(JSON.stringify(result));
    reasons[control] = reasonOf(control, result.violations);
  }
  const blind = CONTROLS.filter((control) => reasons[control]?.length === 0);
  console.log(JSON.stringify({ controls: reasons, verdict: blind.length ? `not noticed: ${blind.join(', ')}` : 'all red' }));
  return blind.length === 0;
}
