// npm run docs: writes what can be said of the product from its code. `-- --check` writes nothing and fails where a file is stale
// or a link of the pages written by hand leads nowhere.
import { ALL_EVENTS, ALL_REQUESTS } from '@parley/contracts/everything';
import { openapi } from '@parley/contracts/openapi';
import { SERVICE_ENV } from '@parley/service/config';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ZodRawShape } from 'zod';
import { configurationPage } from './configuration.js';
import { eventsPage } from './events.js';
import { brokenLinks } from './links.js';
import { policyPage, type PolicyRules } from './policy.js';
import { proofsIn, rulesPage, type ProductRules } from './rules.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SERVICES = ['gateway', 'tickets', 'channels', 'notifications', 'reporting'];
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
/** Files below a folder, from the root, whose name fits; without what is made or installed. */
const find = (folder: string, name: RegExp) =>
  (existsSync(join(ROOT, folder)) ? readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }) : [])
    .filter((file) => name.test(file) && !/(^|\/)(node_modules|dist|types)\//.test(file))
    .map((file) => `${folder}/${file}`)
    .sort();

/** Services are not imported but loaded as they were built: a tool may look at one, no project may depend on one. */
const built = async <T>(service: string, file: string) => (await import(join(ROOT, 'apps', service, 'dist', file))) as T;

const check = process.argv.includes('--check');
const wrong: string[] = [];
for (const [file, text] of Object.entries(await pages())) {
  if (!check) writeFileSync(join(ROOT, file), text);
  else if (!existsSync(join(ROOT, file)) || read(file) !== text) wrong.push(`${file} is stale: run npm run docs and commit it`);
}
if (check) {
  for (const file of ['README.md', 'CONTRIBUTING.md', ...find('docs', /\.md$/)].filter((one) => existsSync(join(ROOT, one)))) {
    wrong.push(...brokenLinks(join(ROOT, file), read(file)).map((link) => `${file} links to ${link}, which is not there`));
  }
}
console.log(wrong.join('\n') || `docs: ${check ? 'fresh' : 'written'}`);
process.exitCode = wrong.length > 0 ? 1 : 0;

async function pages(): Promise<Record<string, string>> {
  const rules = JSON.parse(read('docs/product-rules.json')) as ProductRules;
  const proofs = ['apps', 'libs', 'tools'].flatMap((folder) => find(folder, /\.(spec|conformance)\.ts$/)).flatMap((file) => proofsIn(file, read(file)));
  const envs = await Promise.all(SERVICES.map(async (name) => ({ name, env: await envOf(name) })));
  return {
    'docs/openapi.json': `${JSON.stringify(openapi(ALL_REQUESTS), null, 2)}\n`,
    'docs/events.md': `${eventsPage(ALL_EVENTS)}\n`,
    'docs/policy.md': `${policyPage(await policyRules())}\n`,
    'docs/rules.md': `${rulesPage(rules, proofs)}\n`,
    'docs/configuration.md': `${configurationPage(SERVICE_ENV, envs)}\n`,
  };
}

async function policyRules(): Promise<PolicyRules> {
  const files = await Promise.all(['policy', 'lifecycle', 'can-reply'].map((name) => built<Partial<PolicyRules>>('tickets', `ticket/${name}.rules.js`)));
  return Object.assign({}, ...files) as PolicyRules;
}

/** The schema of a service's environment, from the value that says what the service is. */
async function envOf(service: string): Promise<ZodRawShape> {
  const exported = Object.values(await built<Record<string, unknown>>(service, `${service}.app.js`));
  const app = exported.find((one): one is { env: ZodRawShape } => typeof one === 'object' && one !== null && 'env' in one && 'module' in one);
  if (!app) throw new Error(`apps/${service}/src/${service}.app.ts exports no service`);
  return app.env;
}
