// The walls of the house. tools/walls.spec.ts keeps one forbidden sample and one clean one per wall.
// Blocks that set the same rule replace each other, so `zone` builds every block from all walls that hold there.
// Run it through Nx (`npm run lint`): without a cached project graph the boundary rule only warns.
import nx from '@nx/eslint-plugin';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const SRC = 'apps/*/src/**/*.ts';
const DOORS = ['handler', 'listener', 'jobs', 'controller'];

/** Files of these kinds, imported by a relative path from anywhere in the service. */
const kinds = (...names) => `^\\.{1,2}/(.*/)?[^/]+\\.(${names.join('|')})(\\.js)?$`;
const FRAMEWORKS = '^(@nestjs/|typeorm|pg($|/)|ioredis|bullmq|@nats-io/|fastify|ws($|/)|rxjs|@parley/service/)';

const imports = (regex, message, more = {}) => ({ imports: [{ regex, message, ...more }] });
const syntax = (selector, message) => ({ syntax: [{ selector, message }] });
const typesToo = { allowTypeImports: true };

/** What holds in every TypeScript file. */
const EVERYWHERE = [
  syntax('ExportAllDeclaration', 'No `export *`: name what you export.'),
  syntax('TSEnumDeclaration', 'No enum: a union of strings.'),
  syntax("CallExpression[callee.name='forwardRef']", 'No forwardRef: a cycle between constructors is a cut in the wrong place.'),
  imports('^@nestjs/common$', 'No forwardRef: a cycle between constructors is a cut in the wrong place.', { importNames: ['forwardRef'] }),
  imports('^@parley/(?!contracts/|service/)', 'A service is asked, or heard: never imported. A lib is imported by its file.'),
  imports('^(class-validator|class-transformer|@nestjs/swagger)($|/)', 'Shapes are zod values in libs/contracts; OpenAPI is generated from them.'),
];

const ENVIRONMENT = [
  syntax("MemberExpression[object.name='process'][property.name='env']", 'The environment is read once, by readEnv of libs/service/src/config.ts.'),
  syntax("MemberExpression[object.name='process'][computed=true][property.value='env']", 'The environment is read once, by readEnv of libs/service/src/config.ts.'),
  syntax("VariableDeclarator[init.name='process'] Property[key.name='env']", 'The environment is read once, by readEnv of libs/service/src/config.ts.'),
  imports('^(node:)?process$', 'The environment is read once, by readEnv of libs/service/src/config.ts.', { importNames: ['env'] }),
];

const NEST_EXCEPTIONS = [
  imports('^@nestjs/common$', 'A refusal is a ContractError with a code of errors.ts; status and title stand there.', { importNamePattern: '(Exception|^HttpStatus)$' }),
];

/** Sources of a service. */
const SERVICE = [
  syntax("NewExpression[callee.name='Date'][arguments.length=0]", 'Time is tx.at or an argument (TIME-6).'),
  syntax("CallExpression[callee.name='Date']", 'Time is tx.at or an argument (TIME-6).'),
  syntax("CallExpression[callee.object.name='Date'][callee.property.name='now']", 'Time is tx.at or an argument (TIME-6).'),
  syntax("CallExpression[callee.object.name='DateTime'][callee.property.name=/^(now|utc|local)$/][arguments.length=0]", 'Time is tx.at or an argument (TIME-6).'),
  imports('^(undici|axios|got|ky|needle|superagent|node-fetch|request)($|/)', 'The only HTTP client is the one of the kit: it keeps out of our own network.'),
  imports('^(node:)?(http|https|http2)$', 'The only HTTP client is the one of the kit; types may be imported.', typesToo),
  syntax("MemberExpression[object.name='globalThis'][property.name='fetch']", 'The only HTTP client is the one of the kit: it keeps out of our own network.'),
];

const RULES = [
  imports(FRAMEWORKS, 'Rules are plain functions: no framework, no database, no kit.'),
  imports(kinds('entity', 'repository', 'service', 'module', 'database', 'config', ...DOORS), 'Rules are plain functions: no framework, no database.'),
  syntax('AwaitExpression', 'Rules do not wait.'),
  syntax('ForOfStatement[await=true]', 'Rules do not wait.'),
  syntax(':function[async=true]', 'Rules do not wait.'),
  syntax("CallExpression[callee.object.name='Math'][callee.property.name='random']", 'Rules give the same answer every time: chance is an argument.'),
];
const ENTITY = [
  imports('^@parley/service/', 'An entity is a row: columns and its wire shape.'),
  imports(kinds('rules', 'repository', 'service', 'module', ...DOORS), 'An entity is a row: columns and its wire shape.'),
];
const REPOSITORY = [
  imports(kinds('rules'), 'A repository knows SQL and no rules; their types may be imported.', typesToo),
  imports(kinds('repository', 'service', 'module', ...DOORS), 'A repository knows SQL and no rules; it asks nobody.'),
];
const SERVICES = [
  imports(kinds('module', ...DOORS), 'A service does not know its callers.'),
  imports('^\\.\\./.*\\.repository(\\.js)?$', 'A service asks another feature, not its tables.'),
];
const DOOR = [imports(kinds('rules', 'entity', 'repository', 'module', ...DOORS), 'A door is one line: it calls a service.')];

const SPEC = [
  syntax("CallExpression[callee.object.name='jest'][callee.property.name=/^(mock|doMock|unstable_mockModule|retryTimes)$/]", 'No mocks of modules and no retries: real servers, outcomes and facts.'),
  syntax("MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(skip|only|todo|failing)$/]", 'Every test runs.'),
  syntax('CallExpression[callee.name=/^(xit|xtest|xdescribe|fit|fdescribe)$/]', 'Every test runs.'),
];

/** One block for these files, from all walls that hold there. */
function zone(files, ...walls) {
  const all = [...EVERYWHERE, ...walls.flat()];
  return {
    files: [files].flat(),
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: all.flatMap((wall) => wall.imports ?? []) }],
      'no-restricted-syntax': ['error', ...all.flatMap((wall) => wall.syntax ?? [])],
    },
  };
}

/** What the contracts may take from npm: in their sources zod alone. */
const boundaries = (contracts) => ({
  allow: [],
  enforceBuildableLibDependency: false,
  depConstraints: [
    { sourceTag: 'type:contracts', onlyDependOnLibsWithTags: [], ...contracts },
    { sourceTag: 'type:kit', onlyDependOnLibsWithTags: ['type:contracts'] },
    { sourceTag: 'type:service', onlyDependOnLibsWithTags: ['type:contracts', 'type:kit'] },
    { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['type:contracts', 'type:kit'] },
    { sourceTag: 'type:ui', onlyDependOnLibsWithTags: ['type:contracts'] },
  ],
});

/** Sizes are an aim: they warn and stop nobody. */
const SIZES = {
  'max-lines': ['warn', { max: 300, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['warn', { max: 40, skipBlankLines: true, skipComments: true }],
  complexity: ['warn', 8],
};

export default tseslint.config(
  { ignores: ['**/dist/', '**/types/', '**/node_modules/', '.nx/', '.parley/', 'coverage/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    plugins: { '@nx': nx, 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createTypeScriptImportResolver({ conditionNames: ['parley-src', 'types', 'import', 'node', 'default'] })],
    },
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries({ allowedExternalImports: ['zod'] })],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-ignore': true, 'ts-nocheck': true, 'ts-expect-error': 'allow-with-description' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      ...SIZES,
    },
  },
  zone('**/*.ts', ENVIRONMENT),
  zone(['libs/service/src/config.ts', 'libs/service/src/testing/**/*.ts', 'tools/**/*.ts']),
  zone(SRC, ENVIRONMENT, NEST_EXCEPTIONS, SERVICE),
  zone('apps/*/src/**/*.filter.ts', ENVIRONMENT, SERVICE),
  zone('apps/*/src/**/*.rules.ts', ENVIRONMENT, NEST_EXCEPTIONS, SERVICE, RULES),
  zone('apps/*/src/**/*.entity.ts', ENVIRONMENT, NEST_EXCEPTIONS, SERVICE, ENTITY),
  zone('apps/*/src/**/*.repository.ts', ENVIRONMENT, NEST_EXCEPTIONS, SERVICE, REPOSITORY),
  zone('apps/*/src/**/*.service.ts', ENVIRONMENT, NEST_EXCEPTIONS, SERVICE, SERVICES),
  zone(`apps/*/src/**/*.{${DOORS.join(',')}}.ts`, ENVIRONMENT, NEST_EXCEPTIONS, SERVICE, DOOR),
  { files: [SRC], rules: { 'no-restricted-globals': ['error', { name: 'fetch', message: 'The only HTTP client is the one of the kit.' }] } },
  zone(['**/*.spec.ts', 'apps/*/test/**/*.ts', 'libs/*/test/**/*.ts'], SPEC),
  {
    files: ['**/*.spec.ts', 'apps/*/test/**/*.ts', 'libs/*/test/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': ['error', boundaries({})], 'no-restricted-globals': 'off', 'max-lines-per-function': 'off' },
  },
  { files: ['**/migrations/**/*.ts'], rules: { 'max-lines': 'off', 'max-lines-per-function': 'off' } },
  {
    files: ['**/index.ts'],
    rules: { 'no-restricted-syntax': ['error', { selector: 'Program', message: 'No index.ts: a lib exports its files.' }] },
  },
);
