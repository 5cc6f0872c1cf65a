import { z } from 'zod';
import { Id, Instant, Locale, Nothing, PageInput, Scope, SCOPES, TimeZone, IfMatch, page, request, text, type Guard } from './contract.js';
import { event } from './events.js';

export const Role = z.enum(['owner', 'admin', 'manager', 'support', 'analyst']).meta({ id: 'Role' });
export type Role = z.infer<typeof Role>;

const DESK = ['tickets:read', 'tickets:write', 'messages:send', 'profiles:read', 'profiles:write', 'feed:read'] as const;
/** ACC-2 as scopes: the one table from which guards and tests come. `feed:read` of an analyst shows ids only. */
export const ROLE_SCOPES: Record<Role, readonly Scope[]> = {
  owner: SCOPES,
  admin: SCOPES,
  manager: [...DESK, 'desk:admin', 'reports:read'],
  support: DESK,
  analyst: ['reports:read'],
};
/** Roles from the most to the least powerful: nobody grants one above their own. */
export const ROLES_BY_POWER: readonly Role[] = ['owner', 'admin', 'manager', 'support', 'analyst'];

export const Email = z.email().max(254).meta({ id: 'Email' });
export const Password = z.string().min(12, 'takes at least 12 characters').max(256);
export const Availability = z.enum(['online', 'offline']).meta({ id: 'Availability' });
const WebUrl = z.url({ protocol: /^https?$/ }).max(2048);
const Color = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'is no colour such as #1a2b3c');

/** ACC-1: one brand. */
export const Account = z
  .object({
    id: Id,
    name: text(200),
    mode: z.enum(['live', 'test']).describe('A test account has a test clock (TIME-6)'),
    timezone: TimeZone,
    locale: Locale,
    organisationPrefix: z.string().max(16).nullable(),
    senderEmail: Email.nullable().describe('Support address: sender of follow-up e-mails; without one none is sent'),
    logoUrl: WebUrl.nullable(),
    brandColor: Color.nullable(),
    accentColor: Color.nullable(),
    privacyUrl: WebUrl.nullable(),
    termsUrl: WebUrl.nullable(),
    createdAt: Instant,
    version: z.int().positive(),
  })
  .meta({ id: 'Account' });
export type Account = z.infer<typeof Account>;

export const User = z
  .object({
    id: Id,
    email: Email,
    name: text(200),
    role: Role,
    availability: Availability,
    active: z.boolean(),
    createdAt: Instant,
    version: z.int().positive(),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof User>;

export const Tokens = z
  .object({
    accessToken: z.string(),
    accessTokenExpiresAt: Instant,
    refreshToken: z.string().describe('Good for one use; a second use ends the session'),
    user: User,
    account: Account,
  })
  .meta({ id: 'Tokens' });

export const ApiKey = z
  .object({
    id: Id,
    name: text(200),
    prefix: z.string().describe('The beginning of the key, to recognise it by'),
    scopes: z.array(Scope),
    createdAt: Instant,
    lastUsedAt: Instant.nullable(),
    revokedAt: Instant.nullable(),
  })
  .meta({ id: 'ApiKey' });

export const AuditEntry = z
  .object({
    id: Id,
    at: Instant,
    actor: z.object({ type: z.string(), id: z.string().nullable() }),
    action: z.string(),
    resource: z.string(),
    before: z.unknown(),
    after: z.unknown(),
    address: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' });

const AccountFields = {
  name: text(200),
  timezone: TimeZone,
  locale: Locale,
  organisationPrefix: z.string().max(16).nullable(),
  senderEmail: Email.nullable(),
  logoUrl: WebUrl.nullable(),
  brandColor: Color.nullable(),
  accentColor: Color.nullable(),
  privacyUrl: WebUrl.nullable(),
  termsUrl: WebUrl.nullable(),
};

/** Answered by the gateway itself, from its `access` database. */
export const access = {
  signUp: request({
    subject: 'access.account.create', http: 'POST /v1/accounts', status: 201, scope: 'public',
    summary: 'Sign up: an account and its owner',
    input: z.strictObject({
      name: text(200),
      timezone: TimeZone.default('UTC'),
      locale: Locale.default('en'),
      mode: z.enum(['live', 'test']).default('live'),
      owner: z.strictObject({ name: text(200), email: Email, password: Password }),
    }),
    output: Tokens,
    errors: ['EMAIL_TAKEN', 'SIGN_UP_CLOSED'],
  }),
  login: request({
    subject: 'access.session.create', http: 'POST /v1/auth/login', scope: 'public',
    summary: 'Sign in with e-mail address and password',
    input: z.strictObject({ email: Email, password: z.string().min(1).max(256), accountId: Id.optional().describe('For people who belong to several accounts') }),
    output: Tokens,
    errors: ['CREDENTIALS_WRONG', 'RATE_LIMITED'],
  }),
  refresh: request({
    subject: 'access.session.refresh', http: 'POST /v1/auth/refresh', scope: 'public',
    summary: 'Change a refresh token into a new pair; using one twice ends the session',
    input: z.strictObject({ refreshToken: z.string().min(1).max(512) }),
    output: Tokens,
    errors: ['SESSION_REVOKED', 'TOKEN_EXPIRED'],
  }),
  logout: request({
    subject: 'access.session.end', http: 'POST /v1/auth/logout', status: 204, scope: 'public',
    summary: 'End the session of a refresh token',
    input: z.strictObject({ refreshToken: z.string().min(1).max(512) }),
    output: Nothing, errors: [],
  }),
  me: request({
    subject: 'access.me.get', http: 'GET /v1/me', scope: 'person', summary: 'Who I am, and where',
    input: z.strictObject({}), output: z.object({ user: User, account: Account, scopes: z.array(Scope) }), errors: [],
  }),
  setAvailability: request({
    subject: 'access.me.availability', http: 'PUT /v1/me/availability', scope: 'person', summary: 'Go online or offline (ACC-5)',
    input: z.strictObject({ status: Availability }), output: User, errors: [],
  }),
  getAccount: request({
    subject: 'access.account.get', http: 'GET /v1/account', scope: 'person', summary: 'The account',
    input: z.strictObject({}), output: Account, errors: [],
  }),
  updateAccount: request({
    subject: 'access.account.update', http: 'PATCH /v1/account', scope: 'settings:admin', summary: 'Change the account',
    input: z.strictObject({ ...z.strictObject(AccountFields).partial().shape, ifMatch: IfMatch }),
    output: Account, errors: ['VERSION_STALE', 'VERSION_MISSING'],
  }),
  listUsers: request({
    subject: 'access.user.list', http: 'GET /v1/users', scope: 'person', summary: 'The people of the account',
    input: z.strictObject(PageInput), output: page(User), errors: [],
  }),
  createUser: request({
    subject: 'access.user.create', http: 'POST /v1/users', status: 201, scope: 'people:admin', summary: 'Add a person',
    input: z.strictObject({ email: Email, name: text(200), role: Role, password: Password }),
    output: User, errors: ['EMAIL_TAKEN', 'ROLE_NOT_ALLOWED'],
  }),
  getUser: request({
    subject: 'access.user.get', http: 'GET /v1/users/:id', scope: 'person', summary: 'A person',
    input: z.strictObject({ id: Id }), output: User, errors: ['USER_NOT_FOUND'],
  }),
  updateUser: request({
    subject: 'access.user.update', http: 'PATCH /v1/users/:id', scope: 'people:admin', summary: 'Change a person',
    input: z.strictObject({ id: Id, ifMatch: IfMatch, name: text(200).optional(), role: Role.optional(), active: z.boolean().optional() }),
    output: User, errors: ['USER_NOT_FOUND', 'ROLE_NOT_ALLOWED', 'LAST_OWNER', 'VERSION_STALE', 'VERSION_MISSING'],
  }),
  deactivateUser: request({
    subject: 'access.user.deactivate', http: 'DELETE /v1/users/:id', scope: 'people:admin',
    summary: 'Deactivate a person: sessions and sockets end at once (ACC-4)',
    input: z.strictObject({ id: Id, ifMatch: IfMatch }), output: User,
    errors: ['USER_NOT_FOUND', 'ROLE_NOT_ALLOWED', 'LAST_OWNER', 'VERSION_STALE', 'VERSION_MISSING'],
  }),
  listApiKeys: request({
    subject: 'access.api-key.list', http: 'GET /v1/api-keys', scope: 'people:admin', summary: 'API keys, without their secrets',
    input: z.strictObject(PageInput), output: page(ApiKey), errors: [],
  }),
  createApiKey: request({
    subject: 'access.api-key.create', http: 'POST /v1/api-keys', status: 201, scope: 'people:admin',
    summary: 'Make an API key; the answer is the only one that shows it (ACC-3)',
    input: z.strictObject({ name: text(200), scopes: z.array(Scope).min(1) }),
    output: ApiKey.extend({ key: z.string().describe('Keep it: it is not shown again') }).meta({ id: 'NewApiKey' }), errors: ['SCOPE_MISSING'],
  }),
  revokeApiKey: request({
    subject: 'access.api-key.revoke', http: 'DELETE /v1/api-keys/:id', scope: 'people:admin', summary: 'Revoke an API key, at once',
    input: z.strictObject({ id: Id }), output: ApiKey, errors: ['API_KEY_NOT_FOUND'],
  }),
  listAudit: request({
    subject: 'access.audit.list', http: 'GET /v1/audit-log', scope: 'audit:read', summary: 'Who changed what in the last 400 days, newest first (ACC-6)',
    input: z.strictObject(PageInput), output: page(AuditEntry), errors: [],
  }),
  checkAudit: request({
    subject: 'access.audit.check', http: 'GET /v1/audit-log/verification', scope: 'audit:read', summary: 'Does every entry of the audit log stand as it was written? Entries form a chain of hashes (ACC-6)',
    input: z.strictObject({}), output: z.object({ intact: z.boolean(), entries: z.int().nonnegative().describe('How many stand as written, from the oldest that is kept'), brokenAt: Id.nullable().describe('The first entry that does not') }).meta({ id: 'AuditCheck' }), errors: [],
  }),
};

export const accessEvents = {
  accountCreated: event({ type: 'account.created', service: 'access', version: 1, public: false, summary: 'An account was opened', data: Account }),
  accountUpdated: event({ type: 'account.updated', service: 'access', version: 1, public: false, summary: 'The account was changed', data: Account }),
  userCreated: event({ type: 'user.created', service: 'access', version: 1, public: false, summary: 'A person was added', data: User }),
  userUpdated: event({ type: 'user.updated', service: 'access', version: 1, public: false, summary: 'A person, role or availability changed', data: User }),
};

/** May somebody with these scopes ask this? `public` asks nobody, `internal` nobody outside. */
export const allows = (scopes: readonly Guard[], guard: Guard) => guard === 'public' || scopes.includes(guard);
