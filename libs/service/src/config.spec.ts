import { expect, it } from '@jest/globals';
import { ConfigError, readEnv, SECRET_KEY, SERVICE_ENV } from './config.js';

const shape = { ...SERVICE_ENV, PARLEY_SECRET_KEY: SECRET_KEY };

it('OPS-3 names every variable that is wrong, all at once, and unknown ones', () => {
  const faults = (() => {
    try {
      readEnv(shape, { DATABASE_URL: 'mysql://x', PORT: '70000', PARLEY_SECRET_KEY: 'c2hvcnQ=', PARLEY_COLOUR: 'red' });
    } catch (error) {
      return error as ConfigError;
    }
  })()!;
  expect(faults).toBeInstanceOf(ConfigError);
  for (const name of ['DATABASE_URL', 'PORT', 'PARLEY_SECRET_KEY', 'PARLEY_COLOUR']) expect(faults.message).toContain(`${name}: `);
});

it('OPS-3 fills in defaults, and an empty variable is as good as none', () => {
  const env = readEnv(shape, { DATABASE_URL: 'postgres://localhost/x', PARLEY_SECRET_KEY: Buffer.alloc(32).toString('base64'), HOST: '' });
  expect(env).toMatchObject({ HOST: '127.0.0.1', PORT: 0, PARLEY_PREFIX: 'parley' });
});
