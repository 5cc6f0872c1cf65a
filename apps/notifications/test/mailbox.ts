import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A mail as it came in: who was named to the server, and what it held. */
export type Received = { from: string; to: string[]; raw: string; mail: ParsedMail };
export type Mailbox = {
  url: string;
  received: Received[];
  /** What the server answers to the next mails instead of taking them; the last one stays. Empty: takes everything. */
  refuses(...codes: number[]): void;
  /** Something happens after the next mail is taken and before the server says so. */
  meanwhile(happens: () => Promise<unknown>): void;
  close(): Promise<void>;
};

/** A mail server on a free port that takes everything, or refuses as told. */
export async function openMailbox(): Promise<Mailbox> {
  const received: Received[] = [];
  let refusals: number[] = [];
  let happening = async (): Promise<unknown> => undefined;
  const refusal = () => (refusals.length > 1 ? refusals.shift() : refusals[0]);
  const server = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS'], logger: false, disableReverseLookup: true,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const code = refusal();
        if (code) return done(Object.assign(new Error('not now'), { responseCode: code }));
        const raw = Buffer.concat(chunks);
        const { mailFrom, rcptTo } = session.envelope;
        const take = async () => {
          received.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address), raw: raw.toString(), mail: await simpleParser(raw) });
          const happens = happening;
          happening = async () => undefined;
          await happens();
        };
        void take().then(() => done(), done);
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    received,
    refuses: (...codes) => (refusals = codes),
    meanwhile: (happens) => (happening = happens),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
