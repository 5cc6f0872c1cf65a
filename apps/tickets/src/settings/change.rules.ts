import { ContractError } from '@parley/contracts/errors';
import { SETTINGS, type Settings, type SettingsArea } from '@parley/contracts/settings';
import type { z } from 'zod';

/** Settings as they hold: what was stored, defaults filled in. */
export const inForce = <A extends SettingsArea>(area: A, stored: object): Settings<A> => SETTINGS[area].parse(stored) as Settings<A>;

/** What is stored after a change: only the named values change. Refuses with VALIDATION_FAILED, naming every faulty value. */
export function changed(area: SettingsArea, stored: object, values: object): object {
  const result = (SETTINGS[area] as z.ZodType<object>).safeParse({ ...stored, ...values });
  if (result.success) return result.data;
  throw new ContractError('VALIDATION_FAILED', `These are no ${area} settings`, { errors: result.error.issues.flatMap(faults) });
}

function faults(issue: z.core.$ZodIssue): { pointer: string; message: string }[] {
  const at = ['', 'values', ...issue.path.map(String)];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ pointer: pointer([...at, key]), message: 'is not known here' }));
  return [{ pointer: pointer(at), message: issue.message }];
}

const pointer = (path: string[]) => path.map((part) => part.replace(/~/g, '~0').replace(/\//g, '~1')).join('/');
