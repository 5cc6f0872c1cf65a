import { Inject, Injectable } from '@nestjs/common';
import { ForbiddenTarget, SafeHttp } from '@parley/service/http';
import { ENV } from '@parley/service/service';
import { system, within } from '@parley/service/tx';
import { ImapFlow } from 'imapflow';
import { DataSource } from 'typeorm';
import type { ConnectedChannel } from '../../adapter.js';
import type { ChannelsEnv } from '../../channels.config.js';
import { HealthService } from '../../health/health.service.js';
import { IntakeService } from '../../inbound/intake.service.js';
import { MailboxService } from '../mailbox.service.js';
import { SMTP_LIMITS } from '../smtp-limits.rules.js';
import { AccessTokensService } from './access-tokens.service.js';
import { type Claimed, ImapRepository } from './imap.repository.js';
import { type Cursor, fresh, type ImapCredentials, isOld, resumed, wanted } from './imap.rules.js';

/** Messages that are asked for at once; only one of them is in memory. */
const BATCH = 50;
/** A server that says nothing for so long is dead, whatever TCP believes. */
const DEAD_MS = 60_000;

/** Somebody else reads this mailbox meanwhile. */
export class LeaseLost extends Error {}

/** Reads one mailbox over one connection (MAIL-1): whatever is new, then waits to be told of more, and asks from time to time. Read-only: nothing is marked or moved. */
@Injectable()
export class ImapReaderService {
  constructor(
    @Inject(ENV) private readonly env: ChannelsEnv,
    private readonly db: DataSource,
    private readonly http: SafeHttp,
    private readonly tokens: AccessTokensService,
    private readonly cursors: ImapRepository,
    private readonly mailbox: MailboxService,
    private readonly intake: IntakeService,
    private readonly health: HealthService,
  ) {}

  /** Until the connection ends, the lease is lost, or `stop`; `caughtUp` is called whenever all is read. @throws why it could not go on */
  async read(claimed: Claimed, channel: ConnectedChannel, stop: AbortSignal, caughtUp: () => void): Promise<void> {
    const credentials = channel.credentials.imap as ImapCredentials;
    const client = await this.client(credentials);
    let broken: Error | null = null;
    client.on('error', (error: Error) => (broken ??= error));
    const leave = () => client.close();
    stop.addEventListener('abort', leave);
    try {
      await client.connect();
      const { uidValidity } = await this.alive(client, client.mailboxOpen(credentials.mailbox, { readOnly: true }));
      let cursor = resumed(claimed, Number(uidValidity));
      while (!stop.aborted) {
        cursor = await this.catchUp(client, claimed, channel, cursor, stop);
        await within(this.db, system(channel.account), (tx) => Promise.resolve(this.health.worked(tx, channel, 'inbound')));
        caughtUp();
        await this.news(client, stop);
      }
    } catch (error) {
      if ((error as { authenticationFailed?: boolean }).authenticationFailed) this.tokens.forget(credentials.auth);
      if (!stop.aborted) throw broken ?? error;
    } finally {
      stop.removeEventListener('abort', leave);
      client.close();
    }
  }

  /** Everything that is new, however much: message by message, each kept in the transaction that moves the cursor. */
  private async catchUp(client: ImapFlow, claimed: Claimed, channel: ConnectedChannel, from: Cursor, stop: AbortSignal): Promise<Cursor> {
    let cursor = from;
    const uids = fresh((await this.alive(client, client.search(wanted(cursor, claimed.since), { uid: true }))) || [], cursor);
    for (let at = 0; at < uids.length && !stop.aborted; at += BATCH) {
      const some = uids.slice(at, at + BATCH);
      const heads = await this.alive(client, client.fetchAll(some.join(','), { uid: true, size: true, internalDate: true }, { uid: true }));
      for (const { uid, size, internalDate } of heads.sort((a, b) => a.uid - b.uid)) {
        if (stop.aborted) return cursor;
        const raw = isOld(internalDate as Date | undefined, claimed.since) || (size ?? 0) > SMTP_LIMITS.mailBytes ? null : await this.source(client, uid);
        await this.keep(claimed, channel, (cursor = { ...cursor, uid }), raw, (size ?? 0) > SMTP_LIMITS.mailBytes);
      }
      // Those that were deleted meanwhile are not missed.
      cursor = { ...cursor, uid: some.at(-1)! };
    }
    return cursor;
  }

  private async source(client: ImapFlow, uid: number): Promise<Buffer | null> {
    const message = await this.alive(client, client.fetchOne(String(uid), { uid: true, source: true }, { uid: true }));
    return (message && message.source) || null;
  }

  private async keep(claimed: Claimed, channel: ConnectedChannel, cursor: Cursor, raw: Buffer | null, tooLarge: boolean) {
    await within(this.db, system(channel.account), async (tx) => {
      if (!(await this.cursors.advance(tx, claimed, cursor))) throw new LeaseLost('another replica reads this mailbox');
      if (raw) await this.mailbox.keepIn(tx, { channel, sender: '', recipient: channel.address ?? '', raw, via: 'IMAP' });
      if (tooLarge) await this.intake.setAside(tx, [{ channel, rawId: null, outcome: 'quarantined', reason: `a mail of more than 25 MiB was left in the mailbox (UID ${cursor.uid})` }]);
    });
  }

  /** Until the server tells of something, or it is time to ask, or the connection ends. */
  private async news(client: ImapFlow, stop: AbortSignal) {
    if (!client.usable) throw new Error('the connection ended');
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, this.env.PARLEY_IMAP_POLL_SECONDS * 1000);
      function done() {
        clearTimeout(timer);
        client.off('exists', done).off('close', done);
        stop.removeEventListener('abort', done);
        resolve();
      }
      client.once('exists', done).once('close', done);
      stop.addEventListener('abort', done);
      client.idle().catch(done);
    });
    if (!client.usable && !stop.aborted) throw new Error('the connection ended');
  }

  /** What the server answers, or that it is dead. */
  private async alive<T>(client: ImapFlow, answer: Promise<T>): Promise<T> {
    const patience = Math.min(DEAD_MS, this.env.PARLEY_IMAP_POLL_SECONDS * 1000);
    const timer = setTimeout(() => client.close(), patience);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }

  private async client({ host, port, security, user, auth }: ImapCredentials): Promise<ImapFlow> {
    const { address } = await this.http.egress.address(host);
    if (security === 'none' && new SafeHttp([]).mayConnect(address)) throw new ForbiddenTarget('A password does not travel through the internet in the open');
    const patience = Math.min(DEAD_MS, this.env.PARLEY_IMAP_POLL_SECONDS * 1000);
    return new ImapFlow({
      host: address, port, servername: host, secure: security === 'tls', ...(security !== 'tls' && { doSTARTTLS: security === 'starttls' }),
      auth: { user, ...(await this.tokens.login(auth)) }, clientInfo: { name: 'Parley' }, logger: false, emitLogs: false, disableAutoIdle: true,
      connectionTimeout: Math.min(10_000, patience), greetingTimeout: Math.min(10_000, patience), maxLiteralSize: 2 * SMTP_LIMITS.mailBytes, maxResponseSize: 3 * SMTP_LIMITS.mailBytes, maxLineLength: 64 * 1024 * 1024,
    });
  }
}
