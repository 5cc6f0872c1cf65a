#!/usr/bin/env node
// Plain JavaScript, because it runs before anything is installed: `node tools/launcher/bootstrap.mjs <command> [arguments]`
// installs the dependencies if they are missing or old, builds what the command needs, and hands over to it.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LOCK = join(ROOT, 'package-lock.json');
const STAMP = join(ROOT, 'node_modules', '.parley-installed');
const NX = join(ROOT, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');

/** Nothing may ask a newcomer a question, call home, or stay behind as a daemon. */
const QUIET = {
  NX_DAEMON: 'false',
  NX_NO_CLOUD: 'true',
  NX_TUI: 'false',
  NX_ISOLATE_PLUGINS: 'false',
  DO_NOT_TRACK: '1',
  NX_LOAD_DOT_ENV_FILES: 'false',
  npm_config_update_notifier: 'false',
};

const build = (...projects) => ['build', projects];
/** Every command: what Nx does first (no project named: all), and the program that follows (below tools/dist). */
const COMMANDS = {
  build: { nx: [['build', []]] },
  typecheck: { nx: [['typecheck', []]] },
  lint: { nx: [['lint', []]] },
  start: { nx: [build()], run: 'launcher/start.js' },
  test: { nx: [build()], run: 'launcher/test.js' },
  demo: { nx: [build('tools')], run: 'demo/main.js' },
  faults: { nx: [build()], run: 'faults/main.js' },
  bench: { nx: [build()], run: 'bench/main.js' },
  docs: { nx: [build()], run: 'docs/main.js' },
  cli: { nx: [build('tools')], run: 'cli/main.js' },
  'with-servers': { nx: [], compile: 'launcher', run: 'launcher/with-servers.js' },
};

/** Runs a program in the foreground and passes it the signals we get; it decides what they mean. Resolves to its exit code. */
function run(program, args, { capture = false, cwd } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: cwd ?? process.cwd(),
      env: { ...process.env, ...QUIET },
      stdio: capture ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    });
    const heard = [];
    child.stdout?.on('data', (chunk) => heard.push(chunk));
    child.stderr?.on('data', (chunk) => heard.push(chunk));
    const pass = (signal) => child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    signals.forEach((signal) => process.on(signal, pass));
    // Npm passes a signal to the shell between us, which ends and tells nobody.
    const parent = process.ppid;
    const orphaned = () => process.ppid !== parent && child.kill('SIGTERM');
    const watch = process.env.npm_lifecycle_event ? setInterval(orphaned, 300).unref() : undefined;
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(watch);
      signals.forEach((name) => process.off(name, pass));
      resolve({ code: code ?? 128 + constants.signals[signal], output: Buffer.concat(heard).toString() });
    });
  });
}

function fail(message, code = 1) {
  console.error(message);
  process.exit(code);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) fail(`Parley needs Node 20.19 or newer; this is ${process.versions.node}.`);
}

/** `npm ci`, unless node_modules already holds what package-lock.json asks for. */
async function install() {
  const wanted = createHash('sha256').update(readFileSync(LOCK)).digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted && existsSync(NX)) return;
  if (existsSync(NX) && inPlace()) return writeFileSync(STAMP, wanted);
  const started = performance.now();
  console.error('parley: installing dependencies (npm ci; one to two minutes the first time) …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { code, output } = await run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { capture: true, cwd: ROOT });
  if (code !== 0) fail(`${output}\nparley: npm ci failed; the lines above say why.`, code);
  writeFileSync(STAMP, wanted);
  console.error(`parley: dependencies installed in ${Math.round((performance.now() - started) / 1000)} s`);
}

/** Whether npm's own record of node_modules names every package of the lock file at its version: somebody installed already. */
function inPlace() {
  const record = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(LOCK, 'utf8')).packages;
  const there = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional, link }]) => !path.startsWith('node_modules/') || optional || link || there[path]?.version === version,
  );
}

/** Nx says nothing when all goes well, unless the command is its own. */
async function nx([target, projects], { loud, extra }) {
  const args = [NX, 'run-many', '-t', target];
  if (projects.length > 0) args.push('-p', projects.map((name) => `@parley/${name}`).join(','));
  const { code, output } = await run(process.execPath, [...args, '--outputStyle=static', ...extra], { capture: !loud, cwd: ROOT });
  if (code !== 0) fail(loud ? '' : `${output}\nparley: ${target} failed; the lines above say why.`, code);
}

/** Only this folder of tools, and only when a source is newer than what was made of it: the libs need not compile at the moment. */
async function compile(folder) {
  const source = join(ROOT, 'tools', folder);
  const made = join(ROOT, 'tools', 'dist', folder);
  const fresh = readdirSync(source)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .every((file) => {
      const out = join(made, file.replace(/\.ts$/, '.js'));
      return existsSync(out) && statSync(out).mtimeMs >= statSync(join(source, file)).mtimeMs;
    });
  if (fresh) return;
  const swc = join(ROOT, 'node_modules', '@swc', 'cli', 'bin', 'swc.js');
  const args = [swc, folder, '-d', 'dist', '--config-file', join(ROOT, '.swcrc'), '--extensions', '.ts', '-q'];
  const { code, output } = await run(process.execPath, args, { capture: true, cwd: join(ROOT, 'tools') });
  if (code !== 0) fail(output, code);
}

const [name = '', ...rest] = process.argv.slice(2);
const command = COMMANDS[name];
if (!command) fail(`usage: node tools/launcher/bootstrap.mjs <${Object.keys(COMMANDS).join('|')}> [arguments]`, 2);
checkNode();
await install();
if (name === 'start') console.error('parley: building what has changed …');
if (command.compile) await compile(command.compile);
for (const step of command.nx) await nx(step, { loud: !command.run, extra: command.run ? [] : rest });
if (command.run) {
  const program = join(ROOT, 'tools', 'dist', command.run);
  if (!existsSync(program)) fail(`parley: there is no ${command.run} in tools/dist.`);
  const { code } = await run(process.execPath, ['--enable-source-maps', program, ...rest]);
  process.exit(code);
}
