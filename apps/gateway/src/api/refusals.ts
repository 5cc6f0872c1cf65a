import { ContractError } from '@parley/contracts/errors';
import { isInfrastructure } from '@parley/service/tx';
import { refusalBehind } from './problem.rules.js';

/** What is told of anything that was thrown; null for what is our own fault: INTERNAL, and logged. */
export const refusalOf = (error: unknown): ContractError | null =>
  refusalBehind(error) ?? (isInfrastructure(error) ? new ContractError('UNAVAILABLE', 'Something that is needed for it does not answer') : null);

export const ourFault = () => new ContractError('INTERNAL', 'Something broke on our side');
