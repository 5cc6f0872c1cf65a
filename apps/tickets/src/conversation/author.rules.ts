import type { ActorType } from '@parley/contracts/contract';
import type { AuthorType } from '@parley/contracts/messages';

/** Who stands as the author of what an actor writes. */
export const AUTHORS = {
  agent: 'agent', ai_agent: 'ai_agent', automation: 'automation', customer: 'customer', import: 'automation', system: 'automation',
} as const satisfies Record<ActorType, AuthorType>;
