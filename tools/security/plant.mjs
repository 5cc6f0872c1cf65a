// For controls.e2e.spec.ts alone: loaded into the services of a test before their own code (node --import), it plants the bugs of authorisation
// that the file named by `?file=` lists. Plain JavaScript, as nothing compiles it; no line of the product knows of it.
import { readFileSync } from 'node:fs';
import pg from 'pg';

const { searchParams } = new URL(import.meta.url);
const [file, apps, service] = ['file', 'apps', 'service'].map((name) => searchParams.get(name));
const planted = () => readFileSync(file, 'utf8').split(',');

/** `forgets <table>`: statements about this table ask for ids, and not whose they are. */
const query = pg.Client.prototype.query;
pg.Client.prototype.query = function (asked, ...more) {
  const text = asked?.text;
  const tables = typeof text === 'string' ? planted().filter((bug) => bug.startsWith('forgets ')).map((bug) => bug.slice(8)) : [];
  const table = tables.find((one) => new RegExp(`\\b(FROM|JOIN|UPDATE) ${one}\\b`).test(text));
  if (!table) return query.call(this, asked, ...more);
  const forgetful = text.replace(/(\w+\.)?account_id = (\$\d+)/g, '$2::uuid IS NOT NULL');
  return query.call(this, { ...asked, text: forgetful, ...(asked.name && { name: `${table}-${asked.name}` }) }, ...more);
};

/** The method does something else while this bug is planted. */
async function instead(path, name, method, bug, other) {
  const { [name]: owner } = await import(`${apps}/gateway/dist/${path}.js`);
  const proper = owner.prototype[method];
  owner.prototype[method] = function (...args) {
    return planted().includes(bug) ? other.call(this, proper.bind(this), ...args) : proper.apply(this, args);
  };
}

if (service === 'gateway') {
  const door = (method, bug, other) => instead('api/door.service', 'DoorService', method, bug, other);
  await door('admit', 'asks-no-scope', async function (admit, contract, request, reply) {
    await admit(contract, request, reply).catch(async (error) => {
      if (error.code !== 'SCOPE_MISSING') throw error;
      request.by = await this.callers.behind(contract.scope, request.headers.authorization.slice(7));
    });
  });
  await door('answer', 'ignores-fields', (answer, contract, ...rest) => answer({ ...contract, input: contract.input.strip?.() ?? contract.input }, ...rest));
  await door('answer', 'believes-the-body', (answer, contract, answerer, request, reply) => {
    const { accountId, ...body } = request.body ?? {};
    if (accountId === undefined) return answer(contract, answerer, request, reply);
    return answer(contract, answerer, Object.assign(Object.create(request), { body, by: { ...request.by, account: accountId } }), reply);
  });
  const everything = async (standing, ...credentials) => {
    const { ROLE_SCOPES } = await import('@parley/contracts/access');
    const actor = await standing(...credentials);
    return actor && { ...actor, scopes: [...ROLE_SCOPES.owner, 'person'] };
  };
  await instead('access/standing.service', 'StandingService', 'of', 'gives-every-scope', everything);
  const before = new Map();
  await instead('access/standing.service', 'StandingService', 'ofAll', 'lets-nobody-go', async (standing, credentials) => {
    for (const [name, actor] of await standing(credentials)) before.set(name, actor);
    return before;
  });
  await instead('access/audit.listener', 'AuditListener', 'tickets', 'forgets-to-note', async () => undefined);
}
