import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

type Message = { uid: number; raw: Buffer; arrived: Date };
type Mailbox = { uidValidity: number; uidNext: number; messages: Message[] };

/** Switches to make trouble with. */
export type ImapFaults = {
  /** Logins are refused. */
  refuseLogin: boolean;
  /** Connections stay open and nothing is answered any more. */
  frozen: boolean;
  /** Before each answer. Milliseconds. */
  delayMs: number;
  /** The connection is cut in the middle of the n-th message that is fetched from now on; 0: never. */
  cutAtFetch: number;
};

/**
 * A mail server as far as a reader of mailboxes sees it: IMAP4rev1 (RFC 3501) with IDLE, LITERAL+, SASL-IR, PLAIN and XOAUTH2, read-only, in memory. Stands
 * for other people's servers in tests and demos; behaves by the book, unless a fault is switched on.
 */
export class ImapServer {
  /** Every command that came, without its tag; no passwords. */
  readonly commands: string[] = [];
  readonly inbox: Mailbox = { uidValidity: 1_000, uidNext: 1, messages: [] };
  private readonly sessions = new Set<Session>();
  private readonly server: Server;

  constructor(
    readonly login: { user: string; password: string; accessToken?: string },
    readonly faults: ImapFaults = { refuseLogin: false, frozen: false, delayMs: 0, cutAtFetch: 0 },
  ) {
    this.server = createServer((socket) => {
      const session = new Session(socket, this);
      this.sessions.add(session);
      socket.on('close', () => this.sessions.delete(session));
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Logged in and in the mailbox. */
  get readers(): number {
    return [...this.sessions].filter(({ isReading }) => isReading).length;
  }

  /** Waiting to be told of something. */
  get idle(): number {
    return [...this.sessions].filter(({ isIdle }) => isIdle).length;
  }

  async start(port = 0, host = '127.0.0.1'): Promise<this> {
    this.server.listen(port, host);
    await once(this.server, 'listening');
    return this;
  }

  /** A mail arrives; whoever waits is told. */
  deliver(raw: string | Buffer, arrived = new Date()): number {
    const uid = this.inbox.uidNext++;
    this.inbox.messages.push({ uid, raw: Buffer.from(raw), arrived });
    for (const session of this.sessions) session.tell();
    return uid;
  }

  /** As after a restore from backup: the same mails under other numbers (RFC 3501 2.3.1.1). */
  renumber() {
    this.inbox.uidValidity++;
    this.inbox.messages.forEach((message, n) => (message.uid = n + 1));
    this.inbox.uidNext = this.inbox.messages.length + 1;
    this.drop();
  }

  /** Cuts every connection. */
  drop() {
    for (const session of this.sessions) session.cut();
  }

  async close() {
    this.drop();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }
}

class Session {
  isReading = false;
  isIdle = false;
  private waiting = Buffer.alloc(0);
  private literals: Buffer[] = [];
  private line = '';
  private tag = '';
  private turn = Promise.resolve();
  private asksForLogin = false;

  constructor(private readonly socket: Socket, private readonly of: ImapServer) {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      this.waiting = Buffer.concat([this.waiting, bytes]);
      this.turn = this.turn.then(() => this.take());
    });
    this.say('* OK [CAPABILITY IMAP4rev1 IDLE ID LITERAL+ SASL-IR AUTH=PLAIN AUTH=XOAUTH2] ready');
  }

  tell() {
    if (this.isIdle) this.say(`* ${this.of.inbox.messages.length} EXISTS`);
  }

  cut() {
    this.socket.destroy();
  }

  private say(...lines: (string | Buffer)[]) {
    if (this.of.faults.frozen) return;
    for (const line of lines) this.socket.write(typeof line === 'string' ? `${line}\r\n` : line);
  }

  /** Whole commands of what has come; a literal, `{5}` or `{5+}` at the end of a line, is part of its command. */
  private async take() {
    for (let end = this.waiting.indexOf('\r\n'); end >= 0; end = this.waiting.indexOf('\r\n')) {
      const piece = this.waiting.subarray(0, end).toString('utf8');
      const [, size, sync] = /\{(\d+)(\+?)\}$/.exec(piece) ?? [];
      if (size !== undefined && this.waiting.length < end + 2 + Number(size)) {
        if (!sync) this.say('+ go on');
        return;
      }
      this.line += size === undefined ? piece : piece.replace(/\{\d+\+?\}$/, '\0');
      if (size !== undefined) this.literals.push(this.waiting.subarray(end + 2, end + 2 + Number(size)));
      this.waiting = this.waiting.subarray(end + 2 + Number(size ?? 0));
      if (size !== undefined) continue;
      const [line, literals] = [this.line, this.literals];
      [this.line, this.literals] = ['', []];
      if (this.of.faults.delayMs) await new Promise((resolve) => setTimeout(resolve, this.of.faults.delayMs));
      this.obey(line, literals);
    }
  }

  private obey(line: string, literals: Buffer[]) {
    if (this.isIdle) {
      this.isIdle = false;
      return this.say(`${this.tag} OK done`);
    }
    if (this.asksForLogin) {
      this.asksForLogin = false;
      return this.enter(Buffer.from(line, 'base64').toString());
    }
    const [, tag = '*', command = '', rest = ''] = /^(\S+) ((?:UID )?\S+) ?(.*)$/is.exec(line) ?? [];
    this.tag = tag;
    const name = command.toUpperCase();
    this.of.commands.push(/^(LOGIN|AUTHENTICATE)$/.test(name) ? name : `${name} ${rest}`.trim());
    const words = [...rest.matchAll(/"((?:[^"\\]|\\.)*)"|\0|[^\s"\0]+/g)].map(([word, quoted]) => (word === '\0' ? literals.shift()!.toString() : (quoted?.replace(/\\(.)/g, '$1') ?? word)));
    const answers: Record<string, () => void> = {
      CAPABILITY: () => this.say('* CAPABILITY IMAP4rev1 IDLE ID LITERAL+ SASL-IR AUTH=PLAIN AUTH=XOAUTH2', this.ok()),
      ID: () => this.say('* ID ("name" "stand-in")', this.ok()),
      NOOP: () => this.say(`* ${this.of.inbox.messages.length} EXISTS`, this.ok()),
      LOGOUT: () => { this.say('* BYE', this.ok()); this.socket.end(); },
      LOGIN: () => this.letIn(words[0] === this.of.login.user && words[1] === this.of.login.password),
      AUTHENTICATE: () => { if (words[1] === undefined) { this.asksForLogin = true; this.say('+ '); } else this.enter(Buffer.from(words[1], 'base64').toString()); },
      LIST: () => this.say(words[1] ? '* LIST (\\HasNoChildren) "/" INBOX' : '* LIST (\\Noselect) "/" ""', this.ok()),
      LSUB: () => this.say(this.ok()),
      EXAMINE: () => this.open(words[0] ?? ''),
      'UID SEARCH': () => this.say(`* SEARCH ${this.search(words).map(({ uid }) => uid).join(' ')}`.trimEnd(), this.ok()),
      'UID FETCH': () => this.fetch(words[0] ?? '', rest),
      IDLE: () => { this.isIdle = true; this.say('+ idling'); },
    };
    const answer = answers[name];
    if (answer) answer();
    else this.say(`${tag} BAD what is ${name}?`);
  }

  private enter(said: string) {
    const { user, password, accessToken } = this.of.login;
    const isBearer = accessToken !== undefined && said === `user=${user}\x01auth=Bearer ${accessToken}\x01\x01`;
    this.letIn(isBearer || said === `\0${user}\0${password}`);
  }

  private letIn(isRight: boolean) {
    this.say(isRight && !this.of.faults.refuseLogin ? this.ok() : `${this.tag} NO [AUTHENTICATIONFAILED] Invalid credentials`);
  }

  private open(name: string) {
    if (name.toUpperCase() !== 'INBOX') return this.say(`${this.tag} NO [NONEXISTENT] Unknown mailbox`);
    const { uidValidity, uidNext, messages } = this.of.inbox;
    this.isReading = true;
    this.say('* FLAGS (\\Seen)', `* ${messages.length} EXISTS`, '* 0 RECENT', `* OK [UIDVALIDITY ${uidValidity}] here`, `* OK [UIDNEXT ${uidNext}] next`, `${this.tag} OK [READ-ONLY] open`);
  }

  private search(words: string[]): Message[] {
    const [key = '', value = ''] = words;
    if (key.toUpperCase() === 'UID') return this.within(value);
    const since = key.toUpperCase() === 'SINCE' ? Date.parse(`${value} UTC`) : Number.NEGATIVE_INFINITY;
    return this.of.inbox.messages.filter(({ arrived }) => arrived.getTime() >= since);
  }

  /** `1,3:5,9:*`. The highest number stands for `*`, also where the range begins above it. */
  private within(set: string): Message[] {
    const { messages } = this.of.inbox;
    const last = messages.at(-1)?.uid ?? 0;
    const ranges = set.split(',').map((range) => range.split(':').map((end) => (end === '*' ? last : Number(end)))).map(([from, to = from]) => [Math.min(from!, to!), Math.max(from!, to!)] as const);
    return messages.filter(({ uid }) => ranges.some(([from, to]) => uid >= from && uid <= to));
  }

  private fetch(set: string, items: string) {
    for (const message of this.within(set)) {
      const { uid, raw, arrived } = message;
      const told = [`UID ${uid}`, ...(/RFC822\.SIZE/i.test(items) ? [`RFC822.SIZE ${raw.length}`] : []), ...(/INTERNALDATE/i.test(items) ? [`INTERNALDATE "${dateOf(arrived)}"`] : [])];
      const begin = `* ${this.of.inbox.messages.indexOf(message) + 1} FETCH (${told.join(' ')}`;
      if (!/BODY\.PEEK\[\]/i.test(items)) {
        this.say(`${begin})`);
        continue;
      }
      const cut = this.of.faults.cutAtFetch > 0 && --this.of.faults.cutAtFetch === 0;
      this.say(Buffer.from(`${begin} BODY[] {${raw.length}}\r\n`), cut ? raw.subarray(0, raw.length / 2) : raw);
      if (cut) return void this.socket.end();
      this.say(')');
    }
    this.say(this.ok());
  }

  private ok() {
    return `${this.tag} OK done`;
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number) => String(n).padStart(2, '0');
const dateOf = (at: Date) => `${two(at.getUTCDate())}-${MONTHS[at.getUTCMonth()]}-${at.getUTCFullYear()} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`;
