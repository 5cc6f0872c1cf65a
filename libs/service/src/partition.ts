import type { Envelope } from '@parley/contracts/events';

/** At most this many facts of a partition in one transaction. */
export const PER_PARTITION = 64;
const MOST_BUFFERED = 2000;

/** How far one service has heard one partition of a source, what it knows to come, and when it looks next. */
export class Partition {
  head = 0;
  position = 0;
  lastEventId: string | null = null;
  /** Pushed and not yet heard, by number. */
  readonly facts = new Map<number, Envelope>();
  busy = false;
  fetching = false;
  dueAt = 0;
  /** The replica that moved it last. */
  owner = '';
  /** A batch failed: one fact at a time. */
  alone = false;
  /** Nothing was heard since the start: what ended the process before may be next. */
  careful = true;
  /** Nobody waits for what is due here: until then it may be left lying. */
  restUntil = 0;

  get next(): Envelope | undefined {
    return this.facts.get(this.position + 1);
  }

  get lag(): number {
    return Math.max(0, this.head - this.position);
  }

  /** Its facts are told one by one, and their starts are counted. */
  get suspect(): boolean {
    return this.alone || this.careful;
  }

  /** Buffers consecutive facts, as many as it has room for; the others are read again when their turn comes. */
  take(first: number, envelopes: Envelope[]) {
    envelopes.forEach((envelope, i) => {
      const seq = first + i;
      if (seq > this.position && (this.facts.size < MOST_BUFFERED || seq <= this.position + PER_PARTITION * 4)) this.facts.set(seq, envelope);
    });
    this.head = Math.max(this.head, first + envelopes.length - 1);
  }

  moved(position: number, lastEventId: string | null) {
    for (const seq of this.facts.keys()) if (seq <= position) this.facts.delete(seq);
    Object.assign(this, { position, lastEventId, head: Math.max(this.head, position) });
  }

  /** The source’s word replaces what pushes said, so that a head that is no longer true cannot keep us looking for ever. */
  correct(head: number) {
    this.head = Math.max(head, this.position, ...this.facts.keys());
    this.restUntil = 0;
  }

  /** At most `most` facts that follow what was heard. */
  *following(most: number): Generator<{ seq: number; envelope: Envelope }> {
    for (let seq = this.position + 1; seq <= this.position + most; seq++) {
      const envelope = this.facts.get(seq);
      if (!envelope) return;
      yield { seq, envelope };
    }
  }
}
