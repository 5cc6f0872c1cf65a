/** So long colleagues may believe that somebody looks at a ticket, unless it is said again (TKT-19). */
export const VALID_SECONDS = 30;

/** Who looks at which ticket. `validSeconds` 0: no longer. */
export type Viewing = { kind: 'viewing'; ticket: string; session: null; user: string | null; validSeconds: number };
type Look = { account: string; user: string | null; ticket: string; until: number };

/** Which tickets the staff of this gateway's sockets have before them. Nothing is kept anywhere else: whoever falls silent is forgotten. */
export class Lookers {
  private readonly looks = new Map<object, Look>();

  constructor(private readonly now = () => performance.now()) {}

  /** The socket shows a ticket, or none. Answers what is to be told; `isNew`: whoever is there already has to say so. */
  look(socket: object, by: { account: string; id: string | null }, ticket: string | null): { told: Viewing[]; isNew: boolean } {
    const before = this.looks.get(socket);
    this.looks.delete(socket);
    const left = before && before.ticket !== ticket && !this.at(before.account, before.ticket).includes(before.user) ? [viewing(before, 0)] : [];
    if (ticket === null) return { told: left, isNew: false };
    const look = { account: by.account, user: by.id, ticket, until: this.now() + VALID_SECONDS * 1000 };
    this.looks.set(socket, look);
    return { told: [...left, viewing(look, VALID_SECONDS)], isNew: before?.ticket !== ticket };
  }

  /** Who looks at the ticket, each for as long as is left. */
  others(account: string, ticket: string, than: string | null): Viewing[] {
    return this.at(account, ticket).filter((user) => user !== than).map((user) => viewing({ ticket, user }, VALID_SECONDS));
  }

  private at(account: string, ticket: string): (string | null)[] {
    const valid = [...this.looks.values()].filter((look) => look.account === account && look.ticket === ticket && look.until > this.now());
    return [...new Set(valid.map(({ user }) => user))];
  }
}

const viewing = ({ ticket, user }: Pick<Look, 'ticket' | 'user'>, validSeconds: number): Viewing => ({ kind: 'viewing', ticket, session: null, user, validSeconds });
