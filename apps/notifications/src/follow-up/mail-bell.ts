import { Injectable } from '@nestjs/common';

/** Says in this process that a mail is due. A ring that nobody hears is no loss: the worker looks by itself. */
@Injectable()
export class MailBell {
  private listener: () => void = () => undefined;

  ring() {
    this.listener();
  }

  onRing(listener: () => void) {
    this.listener = listener;
  }
}
