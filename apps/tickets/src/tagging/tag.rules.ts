import { ContractError } from '@parley/contracts/errors';

/** A tag's name as it is shown, and the key by which two names are the same. Refuses with VALIDATION_FAILED a name without a visible character. */
export function spelled(written: string): { name: string; key: string } {
  const name = written.normalize('NFC').replace(/\p{Cc}|\p{Cf}/gu, ' ').replace(/\s+/g, ' ').trim();
  if (!name) throw new ContractError('VALIDATION_FAILED', 'A tag has a name', { errors: [{ pointer: '/name', message: 'holds nothing that can be read' }] });
  return { name, key: name.toLowerCase() };
}
