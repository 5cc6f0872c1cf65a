/**
 * What arrives while a commit of the same group runs shares the next one. A failing batch is tried again one by one, so that one bad item
 * cannot spoil the others.
 */
export class Batch<T> {
  private readonly waiting = new Map<string, { item: T; done: () => void; failed: (error: unknown) => void }[]>();

  constructor(
    private readonly most: number,
    private readonly commit: (group: string, items: T[]) => Promise<void>,
  ) {}

  /** Resolves when the item is committed; rejects with what its own commit threw. */
  add(group: string, item: T): Promise<void> {
    return new Promise((done, failed) => {
      const one = { item, done, failed };
      const queue = this.waiting.get(group);
      if (queue) queue.push(one);
      else {
        this.waiting.set(group, [one]);
        void this.drain(group);
      }
    });
  }

  private async drain(group: string) {
    for (let queue = this.waiting.get(group)!; queue.length; ) {
      const batch = queue.splice(0, this.most);
      await this.commit(group, batch.map(({ item }) => item)).then(
        () => batch.forEach(({ done }) => done()),
        (error) => (batch.length === 1 ? batch[0]!.failed(error) : this.oneByOne(group, batch)),
      );
    }
    this.waiting.delete(group);
  }

  private async oneByOne(group: string, batch: { item: T; done: () => void; failed: (error: unknown) => void }[]) {
    for (const { item, done, failed } of batch) await this.commit(group, [item]).then(done, failed);
  }
}
