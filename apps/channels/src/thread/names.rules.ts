/** One name for a message as its provider knows it. */
export const nameOf = ({ channelId, providerMessageId }: { channelId: string; providerMessageId: string }): string => `${channelId} ${providerMessageId}`;
