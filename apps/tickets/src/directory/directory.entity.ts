import type { ChannelType } from '@parley/contracts/channels';

/** What is remembered of an account, as the access service told it. */
export type AccountEntity = { id: string; name: string; timezone: string; locale: string; senderEmail: string | null; version: number };
/** What is remembered of a person who may work tickets. */
export type AgentEntity = { id: string; name: string; role: string; active: boolean; available: boolean; version: number };
/** What is remembered of a channel. */
export type ChannelEntity = { id: string; type: ChannelType; enabled: boolean; name: string; settings: Record<string, unknown>; version: number };
