import { Injectable } from '@nestjs/common';
import type { access, Role } from '@parley/contracts/access';
import type { Actor, Input, Output } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { newId } from '@parley/service/ids';
import { within, type Tx } from '@parley/service/tx';
import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { AccessTokensService } from './access-tokens.service.js';
import { AccountEntity, toAccount } from './account.entity.js';
import { hashOf } from './api-key.rules.js';
import { AttemptsRepository } from './attempts.repository.js';
import { PasswordsService } from './passwords.service.js';
import { toUser, UserEntity } from './user.entity.js';

type Tokens = Output<typeof access.login>;

/** Tries in 15 minutes: of one identity, and from one network address. */
const TRIES = { identity: 10, address: 100 };
const LIFE = `interval '30 days'`;

/** Sign-in, refresh and their end (ACC-4). A session is a family of refresh tokens, each good for one use. */
@Injectable()
export class SessionsService {
  constructor(private readonly db: DataSource, private readonly tokens: AccessTokensService, private readonly passwords: PasswordsService, private readonly attempts: AttemptsRepository) {}

  /** The same answer after the same work, whether the address, the password or the account is wrong. @throws ContractError CREDENTIALS_WRONG, RATE_LIMITED */
  async login({ email, password, accountId }: Input<typeof access.login>, by: Actor): Promise<Tokens> {
    const buckets = { identity: `identity ${email.toLowerCase()}`, address: `address ${by.address}` };
    for (const kind of ['address', 'identity'] as const) {
      const wait = await this.attempts.take(buckets[kind], TRIES[kind]);
      if (wait !== null) throw new ContractError('RATE_LIMITED', 'Too many attempts to sign in', { retryAfterSeconds: wait });
    }
    const [person]: { id: string; password_hash: string }[] = await this.db.query('SELECT id, password_hash FROM person WHERE email = $1', [email.toLowerCase()]);
    const fits = await this.passwords.fits(password, person?.password_hash);
    const tokens = person && fits ? await this.beginIn(person.id, accountId, by) : null;
    if (!tokens) throw new ContractError('CREDENTIALS_WRONG', 'E-mail address or password is wrong');
    await this.attempts.giveBack(buckets.identity, 'all');
    await this.attempts.giveBack(buckets.address, 'one');
    return tokens;
  }

  /** A refresh token that comes twice was stolen, from us or by us: the whole session ends (RFC 9700). @throws ContractError SESSION_REVOKED, TOKEN_EXPIRED */
  async refresh({ refreshToken }: Input<typeof access.refresh>, by: Actor): Promise<Tokens> {
    const hash = hashOf(refreshToken);
    const [token] = await this.db.query<FoundToken[]>(
      'SELECT t.session_id, t.account_id, s.person_id, s.ended_at IS NOT NULL AS ended, s.expires_at <= now() AS expired FROM refresh_token t JOIN session s ON s.id = t.session_id WHERE t.hash = $1', [hash],
    );
    if (!token || token.ended) throw new ContractError('SESSION_REVOKED', 'This session has ended');
    if (token.expired) throw new ContractError('TOKEN_EXPIRED', 'The refresh token has expired');
    const tokens = await within(this.db, personIn(token, by), async (tx) => {
      const [first] = await tx.sql('UPDATE refresh_token SET used_at = now() WHERE hash = $1 AND used_at IS NULL RETURNING session_id', [hash]);
      if (!first) return await this.endSession(tx, token.session_id);
      const [alive] = await tx.sql(`UPDATE session SET expires_at = now() + ${LIFE} WHERE id = $1 AND ended_at IS NULL RETURNING id`, [token.session_id]);
      return alive ? this.issue(tx, token.session_id) : null;
    });
    if (!tokens) throw new ContractError('SESSION_REVOKED', 'This session has ended');
    return tokens;
  }

  async logout({ refreshToken }: Input<typeof access.logout>): Promise<Record<string, never>> {
    await this.db.query('UPDATE session SET ended_at = now() FROM refresh_token t WHERE t.hash = $1 AND session.id = t.session_id AND ended_at IS NULL', [hashOf(refreshToken)]);
    return {};
  }

  /** Opens a session in the transaction of its caller. */
  async begin(tx: Tx, user: { id: string; role: Role }): Promise<Tokens> {
    const session = newId();
    await tx.sql(`INSERT INTO session (id, account_id, person_id, role, expires_at) VALUES ($1, $2, $3, $4, now() + ${LIFE})`, [session, tx.by.account, user.id, user.role]);
    return this.issue(tx, session, user.id);
  }

  /** What a person’s sessions may do follows their role at once; those of an inactive person end. */
  async follow(tx: Tx, user: { id: string; role: Role; active: boolean }) {
    await tx.sql('UPDATE session SET role = $3, ended_at = CASE WHEN $4 THEN NULL ELSE now() END WHERE person_id = $1 AND account_id = $2 AND ended_at IS NULL', [user.id, tx.by.account, user.role, user.active]);
  }

  /** Forgets sessions that ran out a while ago, and old counters. */
  async forgetOld() {
    await this.db.query(`DELETE FROM session WHERE expires_at < now() - interval '7 days'`);
    await this.attempts.forgetOld();
  }

  /** The account that was asked for, or the first in which the person is active. */
  private async beginIn(person: string, account: string | undefined, by: Actor): Promise<Tokens | null> {
    const accounts: { account_id: string }[] = await this.db.query('SELECT account_id FROM person_account WHERE person_id = $1 AND ($2::uuid IS NULL OR account_id = $2) ORDER BY account_id', [person, account ?? null]);
    for (const { account_id } of accounts) {
      const tokens = await within(this.db, personIn({ account_id, person_id: person }, by), async (tx) => {
        // Locked against a deactivation at the same moment, whose sweep over the sessions would miss this one.
        const user = await tx.db.findOne(UserEntity, { where: { accountId: account_id, id: person, active: true }, lock: { mode: 'pessimistic_write' } });
        return user && this.begin(tx, user);
      });
      if (tokens) return tokens;
    }
    return null;
  }

  private async issue(tx: Tx, session: string, person = tx.by.id!): Promise<Tokens> {
    const refreshToken = randomBytes(32).toString('base64url');
    await tx.sql('INSERT INTO refresh_token (hash, session_id, account_id) VALUES ($1, $2, $3)', [hashOf(refreshToken), session, tx.by.account]);
    const user = await tx.db.findOneByOrFail(UserEntity, { accountId: tx.by.account, id: person });
    const account = await tx.db.findOneByOrFail(AccountEntity, { id: tx.by.account });
    return { ...(await this.tokens.sign(session)), refreshToken, user: toUser(user), account: toAccount(account) };
  }

  private async endSession(tx: Tx, session: string) {
    await tx.sql('UPDATE session SET ended_at = now() WHERE id = $1 AND ended_at IS NULL', [session]);
    return null;
  }
}

type FoundToken = { session_id: string; account_id: string; person_id: string; ended: boolean; expired: boolean };
const personIn = ({ account_id, person_id }: { account_id: string; person_id: string }, by: Actor): Actor => ({ ...by, account: account_id, type: 'agent', id: person_id });
