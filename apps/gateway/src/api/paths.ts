import { ALL_REQUESTS } from '@parley/contracts/everything';
import { endpointOf } from '@parley/contracts/http';

const PATHS = Object.values(ALL_REQUESTS)
  .flatMap((group) => Object.values(group))
  .flatMap((contract) => endpointOf(contract) ?? [])
  .map(({ method, path }) => ({ method, pattern: new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`) }));

/** The methods that a path answers; none if there is no such path. */
export const methodsOf = (path: string): string[] => [...new Set(PATHS.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))];
