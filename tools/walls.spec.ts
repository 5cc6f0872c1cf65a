import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// One forbidden and one clean sample per wall of eslint.config.mjs. ESLint runs in a process of its own, as it does in CI.
const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Wall {
  wall: string;
  file: string;
  forbidden: string;
  /** The rule that must speak. */
  rule: string;
  clean: string;
  cleanFile: string;
}

const IMPORTS = '@typescript-eslint/no-restricted-imports';
const SYNTAX = 'no-restricted-syntax';
const RULES = 'apps/tickets/src/ticket/sample.rules.ts';
const ENTITY = 'apps/tickets/src/ticket/sample.entity.ts';
const REPOSITORY = 'apps/tickets/src/ticket/sample.repository.ts';
const SERVICE = 'apps/tickets/src/ticket/sample.service.ts';
const HANDLER = 'apps/tickets/src/ticket/sample.handler.ts';
const ADAPTER = 'apps/channels/src/sms/twilio.ts';
const CONTRACT = 'libs/contracts/src/sample.ts';
const KIT = 'libs/service/src/sample.ts';
const TOOL = 'tools/launcher/sample.ts';
const SPEC = 'apps/tickets/src/ticket/sample.rules.spec.ts';

const take = (path: string) => `import { a } from '${path}';\nexport const b = a;\n`;
const walls: Wall[] = [];
function wall(name: string, file: string, rule: string, forbidden: string, clean: string, cleanFile = file): void {
  walls.push({ wall: name, file, rule, forbidden, clean, cleanFile });
}

// Between projects.
const NX = '@nx/enforce-module-boundaries';
wall('contracts know zod alone', CONTRACT, NX, take('luxon'), take('zod'));
wall('specs of the contracts do not know the kit either', 'libs/contracts/src/sample.spec.ts', NX, take('@parley/service/config'), take('ajv'));
wall('contracts do not know the kit', CONTRACT, NX, take('@parley/service/config'), take('zod'));
wall('the kit does not know a service', KIT, IMPORTS, take('@parley/tickets/main'), take('@parley/contracts/errors'));
wall('a service does not know another', SERVICE, IMPORTS, take('@parley/channels/main'), take('@parley/contracts/errors'));
wall('the kit does not reach into a service', KIT, NX, take('../../../apps/tickets/src/main.js'), take('@parley/contracts/errors'));
wall('a service does not reach into another', SERVICE, NX, take('../../../channels/src/main.js'), take('@parley/service/config'));
wall('a tool does not know a service', TOOL, IMPORTS, take('@parley/tickets/main'), take('@parley/contracts/errors'));

// Between the kinds of files inside a service.
wall('rules know no framework', RULES, IMPORTS, take('@nestjs/common'), take('./policy.rules.js'));
wall('rules know no database', RULES, IMPORTS, take('typeorm'), take('@parley/contracts/errors'));
wall('rules know no kit', RULES, IMPORTS, take('@parley/service/tx'), take('@parley/contracts/errors'));
wall('rules know no entity', RULES, IMPORTS, take('./ticket.entity.js'), take('../macros/placeholders.rules.js'));
wall('rules know no repository', RULES, IMPORTS, take('./tickets.repository.js'), take('./lifecycle.rules.js'));
wall('rules know no service', RULES, IMPORTS, take('../views/views.service.js'), take('./lifecycle.rules.js'));
wall('rules know no door', RULES, IMPORTS, take('./tickets.handler.js'), take('./lifecycle.rules.js'));
wall('rules do not wait', RULES, SYNTAX, 'export async function f() {\n  return 1;\n}\n', 'export function f() {\n  return 1;\n}\n');
wall('rules await nothing', RULES, SYNTAX, 'export const a = await 1;\n', 'export const a = 1;\n');
wall('rules do not roll dice', RULES, SYNTAX, 'export const a = Math.random();\n', 'export const a = Math.abs(1);\n');
wall('an entity knows no rules', ENTITY, IMPORTS, take('./policy.rules.js'), take('typeorm'));
wall('an entity knows no kit', ENTITY, IMPORTS, take('@parley/service/tx'), take('@parley/contracts/tickets'));
wall('an entity knows no repository', ENTITY, IMPORTS, take('./tickets.repository.js'), take('../views/view.entity.js'));
wall('a repository knows types of rules only', REPOSITORY, IMPORTS, take('./policy.rules.js'), "import type { A } from './policy.rules.js';\nexport type B = A;\n");
wall('a repository asks no other', REPOSITORY, IMPORTS, take('../views/views.repository.js'), take('./ticket.entity.js'));
wall('a repository knows no service', REPOSITORY, IMPORTS, take('./tickets.service.js'), take('@parley/service/tx'));
wall('a service does not know its doors', SERVICE, IMPORTS, take('./tickets.handler.js'), take('../views/views.service.js'));
wall('a service keeps out of the tables of another feature', SERVICE, IMPORTS, take('../views/views.repository.js'), take('./tickets.repository.js'));
wall('a door knows no repository', HANDLER, IMPORTS, take('./tickets.repository.js'), take('./tickets.service.js'));
wall('a door knows no entity', HANDLER, IMPORTS, take('./ticket.entity.js'), take('./tickets.service.js'));
wall('a door knows no rules', HANDLER, IMPORTS, take('./policy.rules.js'), take('@parley/service/handles'));
for (const kind of ['listener', 'jobs', 'controller']) {
  wall(`a ${kind} is a door too`, HANDLER.replace('handler', kind), IMPORTS, take('./tickets.repository.js'), take('./tickets.service.js'));
}

// In a service.
wall('time is an argument', SERVICE, SYNTAX, 'export const a = () => new Date();\n', "export const a = () => new Date('2026-11-20');\n");
wall('nobody asks for the time', ADAPTER, SYNTAX, 'export const a = () => Date.now();\n', 'export const a = () => performance.now();\n');
wall('luxon is not asked either', ADAPTER, SYNTAX, 'export const a = (DateTime: { utc(): number }) => DateTime.utc();\n', 'export const a = (DateTime: { utc(a: number): number }) => DateTime.utc(1);\n');
wall('no HTTP client but the one of the kit', ADAPTER, IMPORTS, take('undici'), take('@parley/service/safe-http'));
wall('no requests by hand', ADAPTER, IMPORTS, take('node:http'), "import type { IncomingMessage } from 'node:http';\nexport type A = IncomingMessage;\n");
wall('no fetch', ADAPTER, 'no-restricted-globals', "export const a = () => fetch('x');\n", 'export const a = (get: (url: string) => unknown) => get("x");\n');
wall('no fetch through globalThis', ADAPTER, SYNTAX, 'export const a = () => globalThis.fetch;\n', 'export const a = () => globalThis.URL;\n');
wall('no HTTP exceptions of Nest', SERVICE, IMPORTS, "import { NotFoundException } from '@nestjs/common';\nexport const a = NotFoundException;\n", "import { Injectable } from '@nestjs/common';\nexport const a = Injectable;\n");

// Everywhere.
wall('the environment is read in one place', SERVICE, SYNTAX, 'export const a = process.env.PATH;\n', 'export const a = process.pid;\n');
wall('the environment is read in one place of the kit', KIT, SYNTAX, 'export const a = process.env;\n', 'export const a = process.pid;\n');
wall('the environment is not imported', KIT, IMPORTS, "import { env } from 'node:process';\nexport const a = env;\n", "import { pid } from 'node:process';\nexport const a = pid;\n");
wall('no cycle between constructors', SERVICE, IMPORTS, "import { forwardRef } from '@nestjs/common';\nexport const a = forwardRef;\n", "import { Inject } from '@nestjs/common';\nexport const a = Inject;\n");
wall('no other validation', SERVICE, IMPORTS, take('class-validator'), take('zod'));
wall('no other OpenAPI', HANDLER, IMPORTS, take('@nestjs/swagger'), take('@nestjs/common'));
wall('no export *', CONTRACT, SYNTAX, "export * from './errors.js';\n", "export { ERRORS } from './errors.js';\n");
wall('no enum', CONTRACT, SYNTAX, 'export enum A {\n  b,\n}\n', "export type A = 'b';\n");
wall('no index.ts', 'libs/contracts/src/index.ts', SYNTAX, 'export const a = 1;\n', 'export const a = 1;\n', CONTRACT);
wall('no @ts-ignore', KIT, '@typescript-eslint/ban-ts-comment', '// @ts-ignore\nexport const a = 1;\n', '// it is ignored\nexport const a = 1;\n');
wall('no import cycles', 'tools/launcher/ports.ts', 'import-x/no-cycle', take('./servers.js'), take('./waiting.js'));
wall('no mocked modules', SPEC, SYNTAX, "jest.mock('./policy.rules.js');\n", 'jest.useFakeTimers();\n');
wall('no skipped tests', SPEC, SYNTAX, "it.skip('TKT-2 a', () => {});\n", "it('TKT-2 a', () => {});\n");
wall('no test alone', SPEC, SYNTAX, "describe.only('a', () => {});\n", "describe('a', () => {});\n");
wall('no test alone by another name', SPEC, SYNTAX, "fit('a', () => {});\n", "it('a', () => {});\n");
wall('no retries', SPEC, SYNTAX, 'jest.retryTimes(2);\n', 'jest.setTimeout(2);\n');

/** Rules that need types are off: the samples stand in files that do not exist. */
const LINT = `
  import { ESLint } from 'eslint';
  import { text } from 'node:stream/consumers';
  const untyped = { files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: false } }, rules: { '@typescript-eslint/no-floating-promises': 'off' } };
  const eslint = new ESLint({ overrideConfig: [untyped] });
  const found = [];
  for (const [filePath, code] of JSON.parse(await text(process.stdin))) {
    const [result] = await eslint.lintText(code, { filePath });
    found.push(result.messages.filter((message) => message.severity === 2).map((message) => message.ruleId));
  }
  console.log(JSON.stringify(found));
`;

function lint(samples: [file: string, code: string][]): string[][] {
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', LINT], { cwd: ROOT, input: JSON.stringify(samples), encoding: 'utf8' });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '[]') as string[][];
}

describe('the walls', () => {
  let forbidden: string[][] = [];
  let clean: string[][] = [];
  beforeAll(() => {
    forbidden = lint(walls.map(({ file, forbidden: code }) => [file, code]));
    clean = lint(walls.map(({ cleanFile, clean: code }) => [cleanFile, code]));
  });

  it.each(walls.map((one, at) => ({ ...one, at })))('$wall: the forbidden sample is refused', ({ rule, at }) => {
    expect(forbidden[at]).toContain(rule);
  });

  it.each(walls.map((one, at) => ({ ...one, at })))('$wall: the clean sample passes', ({ at }) => {
    expect(clean[at]).toEqual([]);
  });
});
