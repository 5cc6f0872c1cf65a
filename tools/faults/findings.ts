/** What a check found that must not be: by name, with some examples for whoever has to find out why. */
export class Findings {
  private readonly found = new Map<string, string[]>();
  /** Names of everything that was looked at: a check that did not run proves nothing. */
  readonly looked: string[] = [];

  /** `offenders` must be none. */
  none(name: string, offenders: readonly unknown[]): void {
    this.looked.push(name);
    if (offenders.length) this.found.set(name, offenders.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))));
  }

  /** Two things must be the same. */
  same(name: string, actual: unknown, expected: unknown): void {
    const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
    this.none(name, a === b ? [] : [`${a} instead of ${b}`]);
  }

  count(name: string): number {
    return this.found.get(name)?.length ?? 0;
  }

  get counts(): Record<string, number> {
    return Object.fromEntries([...this.found].map(([name, offenders]) => [name, offenders.length]));
  }

  /** A line per violation, with up to five examples. */
  told(): string[] {
    return [...this.found].map(([name, offenders]) => `${name}: ${offenders.length}\n${offenders.slice(0, 5).map((one) => `    ${one}`).join('\n')}`);
  }
}
