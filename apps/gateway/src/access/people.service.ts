import { Injectable } from '@nestjs/common';
import { accessEvents, type access, type Role } from '@parley/contracts/access';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { newId } from '@parley/service/ids';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource, MoreThan } from 'typeorm';
import { AuditService } from './audit.service.js';
import { afterCursor, pageOf } from './pages.js';
import { PasswordsService } from './passwords.service.js';
import { leavesNoOwner, mayChange } from './people.rules.js';
import { SessionsService } from './sessions.service.js';
import { toUser, UserEntity } from './user.entity.js';

/** ACC-2: the people of an account, their roles, and who may change whom. */
@Injectable()
export class PeopleService {
  constructor(private readonly db: DataSource, private readonly passwords: PasswordsService, private readonly sessions: SessionsService, private readonly audit: AuditService) {}

  list({ limit, cursor }: Input<typeof access.listUsers>, by: Actor) {
    const after = afterCursor(cursor);
    return within(this.db, by, async (tx) => {
      const where = { accountId: by.account, ...(after && { id: MoreThan(after) }) };
      return pageOf(await tx.db.find(UserEntity, { where, order: { id: 'ASC' }, take: limit + 1 }), limit, toUser);
    });
  }

  get(id: string, by: Actor) {
    return within(this.db, by, async (tx) => toUser(await this.find(tx, id)));
  }

  /** @throws ContractError ROLE_NOT_ALLOWED, EMAIL_TAKEN */
  async create({ password, ...wanted }: Input<typeof access.createUser>, by: Actor) {
    const passwordHash = await this.passwords.hash(password);
    const work = async (tx: Tx) => {
      if (!mayChange(await this.roleOf(tx), wanted.role)) throw new ContractError('ROLE_NOT_ALLOWED', `Your role may not add an ${wanted.role}`);
      return toUser(await this.add(tx, { id: newId(), ...wanted, passwordHash }));
    };
    return within(this.db, by, work, async (tx, id) => toUser(await this.find(tx, id)));
  }

  /** Name, role, or whether somebody may come in at all. @throws ContractError USER_NOT_FOUND, VERSION_STALE, ROLE_NOT_ALLOWED, LAST_OWNER */
  update({ id, ifMatch, ...changes }: Input<typeof access.updateUser>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const owners = await this.lockOwners(tx);
      const user = await this.find(tx, id, 'lock');
      const before = toUser(user);
      if (user.version !== ifMatch) throw new ContractError('VERSION_STALE', `Now at ${user.version}`, { current: before });
      if (!mayChange(await this.roleOf(tx), user.role, changes.role)) throw new ContractError('ROLE_NOT_ALLOWED', 'Your role may not give or change this role');
      const after = { ...user, ...changes };
      if (leavesNoOwner(user, after, owners)) throw new ContractError('LAST_OWNER', 'Make somebody else an owner first');
      return this.save(tx, Object.assign(user, changes, after.active ? {} : { availability: 'offline' }), before);
    });
  }

  setAvailability({ status }: Input<typeof access.setAvailability>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const user = await this.find(tx, by.id!, 'lock');
      const before = toUser(user);
      return user.availability === status ? before : this.save(tx, Object.assign(user, { availability: status }), before);
    });
  }

  /** Adds somebody in the transaction of the caller. An e-mail address is unique per installation (settled 7). @throws ContractError EMAIL_TAKEN */
  async add(tx: Tx, wanted: { id: string; email: string; name: string; role: Role; passwordHash: string }): Promise<UserEntity> {
    const { passwordHash, ...rest } = wanted;
    const email = rest.email.toLowerCase();
    const [added] = await tx.sql('INSERT INTO person (id, email, password_hash) VALUES ($1, $2, $3) ON CONFLICT (email) DO NOTHING RETURNING id', [rest.id, email, passwordHash]);
    if (!added) throw new ContractError('EMAIL_TAKEN', 'Somebody signs in with this address already');
    await tx.sql('INSERT INTO person_account (person_id, account_id) VALUES ($1, $2)', [rest.id, tx.by.account]);
    const user = tx.db.create(UserEntity, { ...rest, email, accountId: tx.by.account, availability: 'offline', active: true, createdAt: tx.at, version: 1 });
    await tx.db.insert(UserEntity, user);
    announce(tx, accessEvents.userCreated, { key: user.id, data: toUser(user) });
    await this.audit.record(tx, { action: 'user.created', resource: `user/${user.id}`, after: toUser(user) });
    return user;
  }

  private async save(tx: Tx, user: UserEntity, before: ReturnType<typeof toUser>) {
    user.version++;
    await tx.db.save(user);
    await this.sessions.follow(tx, user);
    const data = toUser(user);
    announce(tx, accessEvents.userUpdated, { key: user.id, before, data });
    await this.audit.record(tx, { action: 'user.updated', resource: `user/${user.id}`, before, after: data });
    return data;
  }

  private async find(tx: Tx, id: string, how?: 'lock') {
    const user = await tx.db.findOne(UserEntity, { where: { accountId: tx.by.account, id }, ...(how && { lock: { mode: 'pessimistic_write' as const } }) });
    if (!user) throw new ContractError('USER_NOT_FOUND', `No person ${id}`);
    return user;
  }

  /** Two owners who remove each other at once: the second one waits here, and then is the last. Answers how many there are. */
  private async lockOwners(tx: Tx) {
    return (await tx.sql(`SELECT id FROM member WHERE account_id = $1 AND role = 'owner' AND active ORDER BY id FOR UPDATE`, [tx.by.account])).length;
  }

  /** A key that may manage people does so as an admin would. */
  private async roleOf(tx: Tx): Promise<Role> {
    return tx.by.type === 'agent' ? (await this.find(tx, tx.by.id!)).role : 'admin';
  }
}
