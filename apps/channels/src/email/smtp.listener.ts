import type { AddressInfo } from 'node:net';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { errorFields, logger } from '@parley/service/logging';
import { ENV } from '@parley/service/service';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { ChannelsEnv } from '../channels.config.js';
import { PostOfficeService, Refusal } from './post-office.service.js';
import { selfSigned } from './self-signed.js';

type Done = (error?: Error | null, message?: string) => void;
const CLOSE_MS = 5_000;

/** The SMTP door (MAIL-1): takes mail for our generated addresses from anybody, and from nobody for others. */
@Injectable()
export class SmtpListener implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly server: SMTPServer;

  constructor(
    @Inject(ENV) private readonly env: ChannelsEnv,
    private readonly office: PostOfficeService,
  ) {
    // The package brings a key that everybody has: it is never used. One of our own is made at each start, as who sends mail does not ask whose it is.
    const tls = env.PARLEY_SMTP_TLS_KEY && env.PARLEY_SMTP_TLS_CERT
      ? { key: env.PARLEY_SMTP_TLS_KEY, cert: env.PARLEY_SMTP_TLS_CERT }
      : selfSigned(env.PARLEY_INBOUND_DOMAIN, new Date(performance.timeOrigin + performance.now()));
    this.server = new SMTPServer({
      name: env.PARLEY_INBOUND_DOMAIN,
      banner: 'Parley',
      ...office.limits,
      disabledCommands: ['AUTH'],
      ...tls,
      disableReverseLookup: true,
      logger: false,
      closeTimeout: CLOSE_MS,
      onConnect: (session, done) => answer(done, () => this.office.welcome(session.remoteAddress)),
      onClose: (session) => this.office.goodbye(session.remoteAddress),
      onRcptTo: ({ address }, session, done) => answer(done, () => this.office.recipient(address, session.envelope.rcptTo.length)),
      onData: (stream, session, done) => answer(done, () => this.take(stream, session)),
    });
    this.server.on('error', (error) => logger.warn(errorFields(error), 'smtp connection failed'));
  }

  /** Where mail is taken, once started. */
  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  async onApplicationBootstrap() {
    await new Promise<void>((resolve, reject) => {
      this.server.server.once('error', reject);
      this.server.listen(this.env.PARLEY_SMTP_PORT, this.env.HOST, () => resolve());
    });
    logger.info({ smtpPort: this.port }, 'smtp ready');
  }

  /** First of all on leaving: mail that is being handed over is still taken, whoever comes now is sent away. */
  onModuleDestroy() {
    return new Promise<void>((resolve) => this.server.close(resolve));
  }

  private async take(stream: SMTPServerDataStream, { remoteAddress, envelope }: SMTPServerSession) {
    const chunks: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) if (!stream.sizeExceeded) chunks.push(chunk);
    if (stream.sizeExceeded) throw new Refusal(552, 'The mail is larger than 25 MiB');
    const sender = envelope.mailFrom ? envelope.mailFrom.address : '';
    await this.office.take({ host: remoteAddress, sender, recipients: envelope.rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks) });
  }
}

/** Ends a command: 250, what was refused and why, or 451 where we are at fault and the sender should come again. */
function answer(done: Done, work: () => void | Promise<void>) {
  Promise.resolve()
    .then(work)
    .then(() => done())
    .catch((error: unknown) => {
      if (error instanceof Refusal) return done(Object.assign(new Error(error.message), { responseCode: error.responseCode }));
      logger.warn(errorFields(error), 'mail not taken');
      done(Object.assign(new Error('Try again later'), { responseCode: 451 }));
    });
}
