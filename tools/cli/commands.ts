import { parseArgs } from 'node:util';
import type { Urls } from './databases.js';
import * as dead from './dead.js';
import { examine } from './doctor.js';
import * as log from './log.js';
import { rebuild } from './reporting.js';
import * as timers from './timers.js';

interface Command {
  args: string[];
  help: string;
  /** Resolves to rows to print. */
  run: (urls: Urls, ...args: string[]) => Promise<object[]>;
}

/** Everything an operator can do without a running system. */
const commandsOf = (root: string): Record<string, Command> => ({
  doctor: { args: [], help: 'look for trouble in every database; ends with 1 where there is some', run: examine },
  'dead list': { args: [], help: 'facts that failed five times and wait for a decision', run: dead.list },
  'dead show': { args: ['event'], help: 'one of them, with its content', run: dead.show },
  'dead retry': { args: ['event|all'], help: 'have it tried again', run: dead.retry },
  'dead discard': { args: ['event', 'reason'], help: 'give it up for good', run: dead.discard },
  'log status': { args: [], help: 'who has heard how much of whose log', run: log.status },
  'log resync': { args: ['service', 'source'], help: 'after the source was restored: go on at its present heads', run: log.resyncTo },
  'log drop-consumer': { args: ['service', 'consumer'], help: 'forget a subscriber that will never come back', run: log.drop },
  'timers list': { args: [], help: 'what will happen by itself, and when', run: timers.list },
  'reporting rebuild': { args: [], help: 'work out every figure again from the event log', run: (urls) => rebuild(urls, root) },
});

/** What to do, once the words make sense. Throws with the help where they do not. */
export function interpret(argv: string[], root: string): { name: string; json: boolean; databases: string[]; run: (urls: Urls) => Promise<object[]> } {
  const commands = commandsOf(root);
  const { values, positionals } = parseArgs({ args: argv, allowPositionals: true, options: { json: { type: 'boolean', default: false }, database: { type: 'string', multiple: true, default: [] } } });
  const words = positionals.slice(0, 2).join(' ') in commands ? 2 : 1;
  const name = positionals.slice(0, words).join(' ');
  const args = positionals.slice(words);
  const command = commands[name];
  if (!command || args.length !== command.args.length) throw new Error(help(commands));
  return { name, json: values.json, databases: values.database, run: (urls) => command.run(urls, ...args) };
}

function help(commands: Record<string, Command>): string {
  const lines = Object.entries(commands).map(([name, { args, help: text }]) => `  ${[name, ...args.map((arg) => `<${arg}>`)].join(' ').padEnd(40)}${text}`);
  return ['npm run parley -- <command> [--json] [--database SERVICE=postgres://…]', ...lines, 'Works on the databases of the system that runs here, of DATABASE_URL, or of --database.'].join('\n');
}
