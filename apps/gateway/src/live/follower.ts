/** Something numbered on its way to one reader: the number in its stream, and the words as they are sent. */
export type Frame = { number: number; text: string };

/** Where a reader’s frames come from and go to. */
export type Stream = {
  /** What stands after a number, in order; `more` while that was not all. */
  read(after: number): Promise<{ frames: Frame[]; more: boolean }>;
  /** Resolves when the reader can take more. */
  send(frames: Frame[]): Promise<void>;
  /** Reading failed: what was not read is read at the next hint or look. */
  failed(error: unknown): void;
};

/**
 * Brings a numbered stream to one reader: in order, nothing twice, nothing left out. Pushes are only hints: one that continues where the reader stands is
 * sent as it is; any other means that there is more, and that is read. So live and resume are one path (NTF-4, CHAT-6).
 */
export class Follower {
  private reading: Promise<void> | null = null;
  private missed = false;

  constructor(private readonly stream: Stream, private at: number) {}

  /** The number of the last frame that was sent. */
  get position() { return this.at; }

  /** Frames that were pushed, or null: it is only known that there is more. */
  hint(frames: Frame[] | null) {
    if (this.reading) return void (this.missed = true);
    const fresh = frames?.filter(({ number }) => number > this.at);
    if (fresh?.length === 0) return;
    if (!fresh || !fresh.every(({ number }, i) => number === this.at + 1 + i)) return void this.catchUp();
    this.at += fresh.length;
    void this.stream.send(fresh);
  }

  /** Reads on from where the reader stands, page by page, as fast as the reader takes them; done when nothing is left. Never fails: see `failed`. */
  catchUp(): Promise<void> {
    if (!this.reading) return (this.reading = this.readOn());
    this.missed = true;
    return this.reading;
  }

  private async readOn() {
    try {
      for (let more = true; more; ) {
        this.missed = false;
        const page = await this.stream.read(this.at);
        if (page.frames.length) {
          this.at = page.frames.at(-1)!.number;
          await this.stream.send(page.frames);
        }
        more = page.more || this.missed;
      }
    } catch (error) {
      this.stream.failed(error);
    } finally {
      this.reading = null;
    }
  }
}
