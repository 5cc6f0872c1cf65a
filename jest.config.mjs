import { fileURLToPath } from 'node:url';

// Native ESM (node --experimental-vm-modules). The libs resolve to their TypeScript sources through the `parley-src` condition.
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['parley-src', 'node', 'node-addons'] },
  testMatch: ['**/*.spec.ts'],
  setupFiles: [fileURLToPath(new URL('./jest.seed.mjs', import.meta.url))],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/types/', '/\\.nx/', '/\\.parley/'],
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/', '<rootDir>/.*/types/', '/\\.nx/', '/\\.parley/'],
  watchPathIgnorePatterns: ['/node_modules/', '/dist/', '/types/', '/\\.nx/', '/\\.parley/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  maxWorkers: 2,
  workerIdleMemoryLimit: '700MB',
  // Deadlines are for what hangs, not for what a loaded machine does slowly.
  testTimeout: 180_000,
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};
