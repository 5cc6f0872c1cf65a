import { Worker } from 'node:worker_threads';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { ParsedMail } from './reading.rules.js';

/** security.md 13. Bytes, milliseconds; beyond any of them a mail is quarantined, never lost (MAIL-6). */
export const LIMITS = { parseMs: 5_000, memoryMb: 256, maxParts: 100, maxDepth: 10, maxHeaderBytes: 65_536, maxHtmlBytes: 2 * 1024 * 1024 };

/** The mail itself is at fault: reading it again gives the same. */
export class UnreadableMail extends Error {}

/** First that it has begun: only from then on does the time of the mail count. */
type Answer = { begun: true } | { mail: ParsedMail } | { failed: string };
const STARTS_MS = 60_000;
const IDLE_MS = 30_000;

/** Parses mail in a thread of its own, one at a time, so that a bomb ends the thread and nothing else. */
@Injectable()
export class MailReaderService implements OnApplicationShutdown {
  private thread: Worker | null = null;
  private idle: NodeJS.Timeout | null = null;
  private turn: Promise<unknown> = Promise.resolve();

  /** Refuses with `UnreadableMail` what breaks a limit of the format; with any other error what took too long or too much memory. */
  read(raw: Buffer): Promise<ParsedMail> {
    const mine = this.turn.then(() => this.readNow(raw));
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  async onApplicationShutdown() {
    if (this.idle) clearTimeout(this.idle);
    await this.end();
  }

  private readNow(raw: Buffer): Promise<ParsedMail> {
    const thread = this.awake();
    return new Promise<ParsedMail>((resolve, reject) => {
      const settle = (error: Error | null, mail?: ParsedMail) => {
        clearTimeout(timer);
        // Only ours: without the listeners that it has of its own a thread never speaks again.
        thread.off('error', settle).off('exit', gone).off('message', answered);
        if (mail) resolve(mail);
        else void this.end().then(() => reject(error ?? new Error('the thread ended')));
      };
      const gone = () => settle(null);
      const answered = (answer: Answer) => {
        if ('mail' in answer) settle(null, answer.mail);
        else if ('failed' in answer) settle(new UnreadableMail(answer.failed));
        else begun();
      };
      const begun = () => {
        clearTimeout(timer);
        timer = setTimeout(() => settle(new Error(`not read within ${LIMITS.parseMs} ms`)), LIMITS.parseMs);
      };
      let timer = setTimeout(() => settle(new Error('the thread does not start')), STARTS_MS);
      thread.once('error', settle).once('exit', gone).on('message', answered);
      thread.postMessage({ raw });
    }).finally(() => this.rest());
  }

  /** The thread costs memory: it lives while there is mail. */
  private awake(): Worker {
    if (this.idle) clearTimeout(this.idle);
    if (this.thread) return this.thread;
    this.thread = new Worker(new URL('./mail.worker.js', import.meta.url), { workerData: LIMITS, resourceLimits: { maxOldGenerationSizeMb: LIMITS.memoryMb } });
    // What it dies of while nobody reads is nobody's error: the next mail gets a new thread.
    return this.thread.on('error', () => undefined);
  }

  private rest() {
    this.idle = setTimeout(() => void this.end(), IDLE_MS);
    this.idle.unref();
  }

  private async end() {
    const thread = this.thread;
    this.thread = null;
    await thread?.terminate();
  }
}
