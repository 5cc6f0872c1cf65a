import type { DeliveryState, Failure } from '@parley/contracts/channels';
import type { AuthorType } from '@parley/contracts/messages';
import type { z } from 'zod';

/** Why a message cannot be sent once more. `may_be_delivered`: nobody can say whether it arrived; a person may decide to send it all the same. */
export type RetryRefusal = 'not_failed' | 'may_be_delivered' | 'retried' | 'not_ours' | 'deleted';

/** What channels says where the provider never told what came of it. */
const NOBODY_KNOWS = 'unknown_outcome';
/** Who writes through us; campaigns and flows are sent elsewhere, as is what staff write in the provider's own app. */
const OURS: readonly AuthorType[] = ['agent', 'ai_agent', 'automation'];

type Attempt = {
  direction: 'inbound' | 'outbound';
  authorType: AuthorType;
  deliveryState: DeliveryState | null;
  deliveryFailure: z.infer<typeof Failure> | null;
  deletedAt?: Date | null;
  retriedAs?: string | null;
};

/** TKT-8: only what has surely failed is sent again, and only once; its own attempt may then fail and be retried in turn. Null: it may. */
export function retryRefusal(message: Attempt, { force }: { force: boolean }): RetryRefusal | null {
  if (message.direction !== 'outbound' || !OURS.includes(message.authorType)) return 'not_ours';
  if (message.deletedAt) return 'deleted';
  if (message.retriedAs) return 'retried';
  if (message.deliveryState !== 'failed') return 'not_failed';
  return message.deliveryFailure?.code === NOBODY_KNOWS && !force ? 'may_be_delivered' : null;
}
