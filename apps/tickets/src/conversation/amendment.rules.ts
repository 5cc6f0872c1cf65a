import type { AcceptedMessage, Attachment, channelEvents, MessageDetail } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';

/** What happens to a message after it was written: somebody reacts, rewrites it or takes it back, or a file of it has been fetched. */
export type Amendment = Pick<Data<typeof channelEvents.messageAmended>, 'by' | 'occurredAt'> & { change: Data<typeof channelEvents.messageAmended>['change'] | { kind: 'file'; attachment: Attachment } };

/** At most one of each side; `emoji` null: taken back, and remembered so that a late one does not bring it back. */
export type Reaction = { by: 'customer' | 'brand'; emoji: string | null; at: string };

/** What of a message can be amended. */
export type Amendable = {
  text: string; html: string | null; newText: string | null; truncated: boolean; attachments: Attachment[]; details: MessageDetail[];
  reactions: Reaction[]; editedAt: Date | null; deletedAt: Date | null;
};

/** A message as it was accepted, with what was said of it since. */
export type Amended = AcceptedMessage & Partial<Pick<Amendable, 'reactions' | 'editedAt' | 'deletedAt'>>;

const NOTHING = { text: '', html: null, newText: null, truncated: false, attachments: [], details: [], reactions: [] } satisfies Partial<Amendable>;

/** What changes by it, or null where it says nothing new. What was said later holds, in whatever order it is heard; what was taken back stays so. */
export function amended(message: Amendable, { by, occurredAt, change }: Amendment): Partial<Amendable> | null {
  if (message.deletedAt !== null) return null;
  const at = new Date(occurredAt);
  switch (change.kind) {
    case 'deleted':
      return { ...NOTHING, deletedAt: at };
    case 'edited':
      if ((message.editedAt !== null && message.editedAt > at) || message.text === change.text) return null;
      return { text: change.text, html: null, newText: null, truncated: false, editedAt: at };
    case 'reaction':
      return reacted(message.reactions, { by, emoji: change.emoji, at: at.toISOString() });
    case 'file':
      return fetched(message.attachments, change.attachment);
  }
}

/** What was accepted, after everything that overtook it. */
export function amendedArrival(message: AcceptedMessage | Amended, amendments: readonly Amendment[]): Amended {
  return amendments.reduce<Amended>((one, amendment) => ({ ...one, ...amended(amendableOf(one), amendment) }), message);
}

/** As kept in JSON: instants are text there. */
const amendableOf = (message: Amended): Amendable => ({ ...message, reactions: message.reactions ?? [], editedAt: instant(message.editedAt), deletedAt: instant(message.deletedAt) });

const instant = (at: Date | string | null | undefined) => (at ? new Date(at) : null);

function reacted(reactions: readonly Reaction[], one: Reaction): Partial<Amendable> | null {
  const known = reactions.find(({ by }) => by === one.by);
  if (known && (known.at > one.at || (known.at === one.at && known.emoji === one.emoji))) return null;
  return { reactions: [...reactions.filter(({ by }) => by !== one.by), one] };
}

/** The file stays under its id at its place. */
function fetched(attachments: readonly Attachment[], file: Attachment): Partial<Amendable> | null {
  const known = attachments.find(({ id }) => id === file.id);
  if (!known || known.fetch !== 'pending') return null;
  return { attachments: attachments.map((one) => (one === known ? file : one)) };
}
