/** Wakes the sender of this process. A ring may be lost: it looks by itself every second. */
export class Bell {
  private listener: () => void = () => undefined;

  listen(listener: () => void) {
    this.listener = listener;
  }

  ring() {
    this.listener();
  }
}
