import type { Role, User } from '@parley/contracts/access';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A person in an account. The e-mail address is a copy of `person`: a list of people needs no row from outside the account. */
@Entity('member')
export class UserEntity {
  @PrimaryColumn('uuid', { name: 'account_id' }) accountId!: string;
  /** The person’s id: the same in each account they belong to. */
  @PrimaryColumn('uuid') id!: string;
  @Column('text') email!: string;
  @Column('text') name!: string;
  @Column('text') role!: Role;
  @Column('text') availability!: User['availability'];
  @Column('boolean') active!: boolean;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('int') version!: number;
}

/** The person as the contract shows them. */
export const toUser = ({ accountId: _, createdAt, ...user }: UserEntity): User => ({ ...user, createdAt: createdAt.toISOString() });
