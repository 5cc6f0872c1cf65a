#!/usr/bin/env node
// node tools/launcher/complete-lock.mjs [--check]: after `npm install` against a registry that holds the packages of one platform only,
// npm leaves the binaries of all others out of package-lock.json, and then `npm ci` refuses it. Writes their entries: name and exact
// version as the package that asks for them gives them, platform as their name says. Npm fetches none of them on another platform.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FILE = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
const SYSTEMS = ['darwin', 'linux', 'win32', 'freebsd', 'android', 'openharmony', 'aix', 'sunos', 'openbsd', 'netbsd'];
const PROCESSORS = ['arm64', 'x64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el'];

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const missing = missingIn(lock.packages);
if (process.argv.includes('--check')) {
  for (const { path, by } of missing) console.log(`${path}: asked for by ${by}, not in package-lock.json`);
  process.exitCode = missing.length > 0 ? 1 : 0;
} else {
  for (const { path, version, dev } of missing) lock.packages[path] = { version, ...platformOf(path), ...(dev && { dev }), optional: true };
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  if (missing.length > 0) writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`package-lock.json: ${missing.length} entries added`);
}

/** Optional dependencies of an exact version that npm would not find from where the package lies: beside it, then above. */
function missingIn(packages) {
  const found = [];
  const versionAt = (path) => packages[path]?.version ?? found.find((one) => one.path === path)?.version;
  for (const [at, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const place = placesFrom(at, name).find(versionAt);
      if (place && (versionAt(place) === version || !/^\d/.test(version))) continue;
      found.push({ path: place ? `${at}/node_modules/${name}` : `node_modules/${name}`, version, dev, by: at });
    }
  }
  return found;
}

/** Where npm looks for a package that one at `at` asks for, in this order. */
function placesFrom(at, name) {
  const parents = at.split('/node_modules/').map((_, end, parts) => parts.slice(0, end + 1).join('/node_modules/'));
  return [...parents.reverse().map((parent) => `${parent}/node_modules/${name}`), `node_modules/${name}`];
}

/** `@swc/core-linux-arm64-musl` → linux, arm64, musl. */
function platformOf(path) {
  const words = path.slice(path.lastIndexOf('/') + 1).split(/[-.]/);
  const [os] = SYSTEMS.filter((name) => words.includes(name));
  const [cpu] = PROCESSORS.filter((name) => words.includes(name));
  if (!os && !words.includes('wasm32')) throw new Error(`${path}: which platform is that for?`);
  const libc = os === 'linux' ? (words.includes('musl') ? ['musl'] : words.some((word) => word.startsWith('gnu')) ? ['glibc'] : undefined) : undefined;
  return { ...(cpu && { cpu: [cpu] }), ...(os && { os: [os] }), ...(libc && { libc }) };
}
