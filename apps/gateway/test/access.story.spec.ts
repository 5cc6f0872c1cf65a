import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { access } from '@parley/contracts/access';
import { AccountsService } from '../src/access/accounts.service.js';
import { AuditService } from '../src/access/audit.service.js';
import { openDesk, PASSWORD, type Desk, type Shop } from './desk.js';

let desk: Desk;
let shop: Shop;
beforeAll(async () => {
  desk = await openDesk();
  shop = await desk.shop();
});
afterAll(() => desk?.close());

describe('sign-up and sign-in', () => {
  it('ACC-1 opens an account with its owner and announces both', async () => {
    const { user, account, scopes } = await shop.owner.ask(access.me, {});
    expect(user).toMatchObject({ role: 'owner', email: shop.owner.email, active: true, availability: 'offline' });
    expect(account).toMatchObject({ id: shop.account, mode: 'live', timezone: 'UTC' });
    expect(scopes).toContain('people:admin');
    const said = await desk.gateway.db.query('SELECT type, key FROM log WHERE account_id = $1 ORDER BY type', [shop.account]);
    expect(said).toEqual(expect.arrayContaining([{ type: 'account.created', key: shop.account }, { type: 'user.created', key: shop.owner.id }]));
  });

  it('refuses an address that signs in already, in whatever case', async () => {
    const owner = { name: 'Other', email: shop.owner.email.toUpperCase(), password: PASSWORD };
    await expect(desk.nobody.ask(access.signUp, { name: 'Second', owner })).rejects.toMatchObject({ code: 'EMAIL_TAKEN' });
    await expect(shop.owner.ask(access.createUser, { ...owner, role: 'support' })).rejects.toMatchObject({ code: 'EMAIL_TAKEN' });
  });

  it('ACC-4 answers a wrong password and an unknown address alike', async () => {
    const wrong = await desk.nobody.send(access.login, { body: { email: shop.owner.email, password: 'wrong password' } });
    const unknown = await desk.nobody.send(access.login, { body: { email: 'nobody@shop.example', password: 'wrong password' } });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect({ ...wrong.body, traceId: '' }).toEqual({ ...unknown.body, traceId: '' });
  });

  it('ACC-4 evaluates no more than ten of a hundred parallel guesses', async () => {
    const victim = await shop.person('support');
    const guesses = await Promise.all(Array.from({ length: 60 }, () => desk.nobody.send(access.login, { body: { email: victim.email, password: 'a wrong guess' } })));
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(10);
    const limited = guesses.filter(({ status }) => status === 429);
    expect(limited).toHaveLength(50);
    expect(Number(limited[0]!.headers['retry-after'])).toBeGreaterThan(1);
    expect((await desk.nobody.send(access.login, { body: { email: victim.email, password: PASSWORD } })).status).toBe(429);
    await desk.gateway.db.query('DELETE FROM attempt');
  });

  it('keeps passwords as argon2id, refresh tokens and keys as hashes only', async () => {
    const { key } = await shop.owner.ask(access.createApiKey, { name: 'k', scopes: ['feed:read'] });
    const { refreshToken } = await desk.nobody.ask(access.login, { email: shop.owner.email, password: PASSWORD });
    const [person] = await desk.gateway.db.query('SELECT password_hash FROM person WHERE id = $1', [shop.owner.id]);
    expect(person.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const tables: { name: string }[] = await desk.gateway.db.query(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`);
    const stored = await desk.gateway.tx(async (tx) => JSON.stringify(await Promise.all(tables.map(({ name }) => tx.sql(`SELECT t::text FROM ${name} t`)))), { ...desk.gateway.by, account: shop.account });
    expect(stored).toContain(shop.owner.id);
    for (const secret of [key, refreshToken, PASSWORD]) expect(stored).not.toContain(secret);
  });
});

describe('a session', () => {
  it('ACC-4 changes its refresh token at each use, and ends when one is used twice', async () => {
    const first = await desk.nobody.ask(access.login, { email: shop.owner.email, password: PASSWORD });
    const second = await desk.nobody.ask(access.refresh, { refreshToken: first.refreshToken });
    expect(second.refreshToken).not.toBe(first.refreshToken);
    await desk.somebody(second.accessToken).ask(access.me, {});
    await expect(desk.nobody.ask(access.refresh, { refreshToken: first.refreshToken })).rejects.toMatchObject({ code: 'SESSION_REVOKED' });
    await expect(desk.nobody.ask(access.refresh, { refreshToken: second.refreshToken })).rejects.toMatchObject({ code: 'SESSION_REVOKED' });
    await desk.gateway.until(async () => (await desk.somebody(second.accessToken).send(access.me)).body.code === 'SESSION_REVOKED', 'the access token to be refused');
  });

  it('ACC-4 gives one of ten parallel refreshes a pair, and then belongs to nobody', async () => {
    const { refreshToken } = await desk.nobody.ask(access.login, { email: shop.owner.email, password: PASSWORD });
    const answers = await Promise.all(Array.from({ length: 10 }, () => desk.nobody.send(access.refresh, { body: { refreshToken } })));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    const [{ living }] = await desk.gateway.db.query('SELECT count(*) AS living FROM session s JOIN refresh_token t ON t.session_id = s.id WHERE s.ended_at IS NULL AND t.used_at IS NOT NULL AND s.person_id = $1', [shop.owner.id]);
    expect(Number(living)).toBe(0);
  });

  it('ends with logout', async () => {
    const { refreshToken, accessToken } = await desk.nobody.ask(access.login, { email: shop.owner.email, password: PASSWORD });
    expect((await desk.nobody.send(access.logout, { body: { refreshToken } })).status).toBe(204);
    await expect(desk.nobody.ask(access.refresh, { refreshToken })).rejects.toMatchObject({ code: 'SESSION_REVOKED' });
    await desk.gateway.until(async () => (await desk.somebody(accessToken).send(access.me)).status === 401, 'the session to be over');
  });

  it('ACC-4 is over soon after its person was deactivated; nobody can sign in again', async () => {
    const agent = await shop.person('support');
    await agent.ask(access.setAvailability, { status: 'online' });
    const { version } = await shop.owner.ask(access.getUser, { id: agent.id });
    const gone = await shop.owner.ask(access.deactivateUser, { id: agent.id, ifMatch: version });
    expect(gone).toMatchObject({ active: false, availability: 'offline' });
    await desk.gateway.until(async () => (await agent.send(access.me)).body.code === 'SESSION_REVOKED', 'the session to be over');
    await expect(desk.nobody.ask(access.login, { email: agent.email, password: PASSWORD })).rejects.toMatchObject({ code: 'CREDENTIALS_WRONG' });
  });

  it('follows a changed role at once', async () => {
    const agent = await shop.person('admin');
    await agent.ask(access.listAudit, {});
    const { version } = await shop.owner.ask(access.getUser, { id: agent.id });
    await shop.owner.ask(access.updateUser, { id: agent.id, ifMatch: version, role: 'analyst' });
    await desk.gateway.until(async () => (await agent.send(access.listAudit)).status === 403, 'the new role to hold');
  });

  it.each([
    ['no token', ''],
    ['nonsense', 'nonsense'],
    ['a token without signature', `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${Buffer.from('{"sid":"x","iss":"parley","aud":"parley-api","exp":9999999999,"nbf":1}').toString('base64url')}.`],
    ['a key with a typo', 'plk_live_aaaaaaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_00000000'],
  ])('refuses %s', async (_what, token) => {
    const answer = await desk.somebody(token).send(access.me);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.body.code).toBe('NOT_SIGNED_IN');
  });

  it('refuses a token whose claims or signature were changed', async () => {
    const [head, body, signature] = shop.owner.token.split('.') as [string, string, string];
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    const forged = [head, Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 9999 })).toString('base64url'), signature].join('.');
    expect((await desk.somebody(forged).send(access.me)).body.code).toBe('NOT_SIGNED_IN');
  });
});

describe('people', () => {
  it('ACC-2 lets nobody grant above their own role or touch somebody above', async () => {
    const admin = await shop.person('admin');
    await expect(admin.ask(access.createUser, { email: 'x1@shop.example', name: 'x', role: 'owner', password: PASSWORD })).rejects.toMatchObject({ code: 'ROLE_NOT_ALLOWED' });
    const owner = await shop.owner.ask(access.getUser, { id: shop.owner.id });
    await expect(admin.ask(access.updateUser, { id: owner.id, ifMatch: owner.version, name: 'Renamed' })).rejects.toMatchObject({ code: 'ROLE_NOT_ALLOWED' });
    await expect(admin.ask(access.deactivateUser, { id: owner.id, ifMatch: owner.version })).rejects.toMatchObject({ code: 'ROLE_NOT_ALLOWED' });
    const me = await admin.ask(access.getUser, { id: admin.id });
    await expect(admin.ask(access.updateUser, { id: admin.id, ifMatch: me.version, role: 'owner' })).rejects.toMatchObject({ code: 'ROLE_NOT_ALLOWED' });
  });

  it('ACC-2 keeps the last owner, also when two remove each other at once', async () => {
    const other = await desk.shop();
    const first = await other.owner.ask(access.getUser, { id: other.owner.id });
    await expect(other.owner.ask(access.deactivateUser, { id: first.id, ifMatch: first.version })).rejects.toMatchObject({ code: 'LAST_OWNER' });
    await expect(other.owner.ask(access.updateUser, { id: first.id, ifMatch: first.version, role: 'admin' })).rejects.toMatchObject({ code: 'LAST_OWNER' });
    const second = await other.person('owner');
    const both = await Promise.all([
      other.owner.send(access.deactivateUser, { path: { id: second.id }, headers: { 'if-match': '"v1"' } }),
      second.send(access.deactivateUser, { path: { id: first.id }, headers: { 'if-match': '"v1"' } }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('TKT-7 shows the current representation to a stale If-Match', async () => {
    const agent = await shop.person('support');
    await shop.owner.ask(access.updateUser, { id: agent.id, ifMatch: 1, name: 'New name' });
    const stale = await shop.owner.send(access.updateUser, { path: { id: agent.id }, body: { name: 'Newer' }, headers: { 'if-match': '"v1"' } });
    expect(stale.status).toBe(412);
    expect(stale.body).toMatchObject({ code: 'VERSION_STALE', current: { id: agent.id, name: 'New name', version: 2 } });
    const now = await shop.owner.send(access.updateUser, { path: { id: agent.id }, body: { name: 'Newer' }, headers: { 'if-match': '"v2"' } });
    expect(now.headers['etag']).toBe('"v3"');
  });

  it('are listed page by page, each once', async () => {
    const other = await desk.shop();
    for (let i = 0; i < 4; i++) await other.person('support');
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await other.owner.ask(access.listUsers, { limit: 2, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
    expect((await other.owner.send(access.listUsers, { query: { cursor: 'nonsense' } })).status).toBe(400);
  });

  it('ACC-5 go online and offline, and say so once', async () => {
    const agent = await shop.person('support');
    await agent.ask(access.setAvailability, { status: 'online' });
    await agent.ask(access.setAvailability, { status: 'online' });
    const said = await desk.gateway.db.query(`SELECT envelope FROM log WHERE account_id = $1 AND key = $2 AND type = 'user.updated'`, [shop.account, agent.id]);
    expect(said).toHaveLength(1);
    expect(said[0].envelope).toMatchObject({ data: { availability: 'online' }, changed: expect.arrayContaining(['availability']) });
  });
});

describe('API keys', () => {
  it('ACC-3 are shown once, note their use and die when revoked', async () => {
    const made = await shop.owner.send(access.createApiKey, { body: { name: 'Import', scopes: ['tickets:read', 'settings:admin'] } });
    expect(made.body.key).toMatch(/^plk_live_/);
    const program = desk.somebody(made.body.key);
    expect((await program.send(access.updateAccount, { body: { name: 'By key' }, headers: { 'if-match': `"v${(await shop.owner.ask(access.getAccount, {})).version}"` } })).status).toBe(200);
    const listed = () => shop.owner.ask(access.listApiKeys, {}).then(({ items }) => items.find(({ id }) => id === made.body.id)!);
    await desk.gateway.until(async () => (await listed()).lastUsedAt, 'the use to be noted');
    expect(JSON.stringify(await listed())).not.toContain(made.body.key);
    await shop.owner.ask(access.revokeApiKey, { id: made.body.id });
    await desk.gateway.until(async () => (await program.send(access.updateAccount)).status === 401, 'the key to be dead');
  });

  it('ACC-3 do what their scopes say, and never make keys', async () => {
    const program = await shop.key(['people:admin']);
    await expect(program.ask(access.createApiKey, { name: 'child', scopes: ['people:admin'] })).rejects.toMatchObject({ code: 'SCOPE_MISSING' });
    await expect(program.ask(access.listAudit, {})).rejects.toMatchObject({ code: 'SCOPE_MISSING' });
    await expect(program.ask(access.me, {})).rejects.toMatchObject({ code: 'SCOPE_MISSING' });
    await expect(program.ask(access.createUser, { email: 'x2@shop.example', name: 'x', role: 'owner', password: PASSWORD })).rejects.toMatchObject({ code: 'ROLE_NOT_ALLOWED' });
  });

  it('ACC-3 of a test account say so', async () => {
    const sandbox = await desk.shop('test');
    expect((await sandbox.key(['tickets:read'])).token).toMatch(/^plk_test_/);
  });
});

describe('the audit log', () => {
  it('ACC-6 tells who changed what, from where, before and after', async () => {
    const other = await desk.shop();
    await other.owner.ask(access.updateAccount, { ifMatch: 1, name: 'Renamed', brandColor: '#112233' });
    const { items } = await other.owner.ask(access.listAudit, {});
    expect(items[0]).toMatchObject({
      action: 'account.updated', resource: `account/${other.account}`, actor: { type: 'agent', id: other.owner.id }, address: '127.0.0.1',
      before: { name: 'Shop', brandColor: null, version: 1 }, after: { name: 'Renamed', brandColor: '#112233', version: 2 },
    });
    expect(items.map(({ action }) => action)).toEqual(['account.updated', 'user.created', 'account.created']);
  });

  it('ACC-6 is only added to', async () => {
    const attempt = (sql: string) => desk.gateway.tx((tx) => tx.sql(sql), { ...desk.gateway.by, account: shop.account });
    await expect(attempt(`UPDATE audit_entry SET action = 'x'`)).rejects.toThrow('only added');
    await expect(attempt('DELETE FROM audit_entry')).rejects.toThrow('only added');
  });

  it('ACC-6 keeps entries for 400 days and not longer; the chain is checked from the anchor on, which moves by an entry of its own', async () => {
    const old = await desk.shop('test');
    const by = { ...desk.gateway.by, account: old.account };
    const DAY = 86_400;
    const actions = async () => (await desk.gateway.tx((tx) => tx.sql<{ action: string }>('SELECT action FROM audit_entry ORDER BY place'), by)).map(({ action }) => action);
    const check = () => desk.gateway.app.get(AuditService).check(by);
    const live = (days: number) => desk.gateway.running.alarm.shift(by, days * DAY);
    const change = (ifMatch: number) => desk.gateway.app.get(AccountsService).update({ ifMatch, name: `At version ${ifMatch}` }, by);

    await live(100);
    await change(1);
    await live(399);
    expect(await actions()).toEqual(['account.created', 'user.created', 'account.updated']);
    await live(401);
    expect(await actions()).toEqual(['account.updated', 'audit-log.pruned']);
    expect(await check()).toEqual({ intact: true, entries: 2, brokenAt: null });
    await change(2);
    await live(900);
    expect(await actions()).toEqual(['audit-log.pruned']);
    expect(await check()).toEqual({ intact: true, entries: 1, brokenAt: null });

    await expect(desk.gateway.tx((tx) => tx.sql('DELETE FROM audit_entry'), by)).rejects.toThrow('only added');
    await desk.gateway.tx((tx) => tx.sql('UPDATE audit_head SET anchor_place = place, anchor_hash = hash'), by);
    await desk.gateway.tx((tx) => tx.sql('DELETE FROM audit_entry'), by);
    expect(await check()).toMatchObject({ intact: false });
  });
});

describe('another account', () => {
  it('ACC-1 sees nothing: ids of others are ids that do not exist', async () => {
    const stranger = await desk.shop();
    const agent = await shop.person('support');
    const { id: key } = await shop.key(['tickets:read']);
    const missing = '0190b3c0-0000-7000-8000-000000000001';
    for (const [contract, foreign] of [[access.getUser, agent.id], [access.updateUser, agent.id], [access.deactivateUser, agent.id], [access.revokeApiKey, key]] as const) {
      const answer = await stranger.owner.send(contract, { path: { id: foreign }, ...(contract === access.updateUser && { body: { name: 'x' } }), headers: { 'if-match': '"v1"' } });
      const nothing = await stranger.owner.send(contract, { path: { id: missing }, ...(contract === access.updateUser && { body: { name: 'x' } }), headers: { 'if-match': '"v1"' } });
      expect(answer.status).toBe(404);
      expect({ ...answer.body, traceId: '', detail: '' }).toEqual({ ...nothing.body, traceId: '', detail: '' });
    }
    expect((await stranger.owner.ask(access.listUsers, {})).items).toHaveLength(1);
    expect((await stranger.owner.ask(access.listApiKeys, {})).items).toHaveLength(0);
    expect(JSON.stringify(await stranger.owner.ask(access.listAudit, {}))).not.toContain(shop.account);
  });

  it('ACC-1 every table with an account obeys row-level security, but those that are asked before one is known', async () => {
    const open = await desk.gateway.db.query(`SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'account_id'
      WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1`);
    const kit = ['account_clock', 'log', 'processed_command', 'scheduled_action'];
    expect(open.map(({ name }: { name: string }) => name)).toEqual([...kit, 'api_key_lookup', 'erase_due', 'person_account', 'refresh_token', 'session'].sort());
    expect(await desk.gateway.db.query('SELECT * FROM member')).toEqual([]);
  });
});
