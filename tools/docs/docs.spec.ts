import { describe, expect, it } from '@jest/globals';
import { ALL_EVENTS } from '@parley/contracts/everything';
import { readEnv, SERVICE_ENV } from '@parley/service/config';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { configurationPage } from './configuration.js';
import { eventsPage } from './events.js';
import { brokenLinks } from './links.js';
import { policyPage } from './policy.js';
import { proofsIn, rulesPage } from './rules.js';

const proven = (source: string) => proofsIn('a.spec.ts', source).map(({ rule, name }) => [rule, name]);

describe('proofs', () => {
  it('are tests whose names carry the id of a rule', () => {
    expect(proven("it('TKT-3 twenty at once open one', () => {}); test('no rule', () => {}); describe('TIME-1 follow-up', () => { it('MAIL-4 is one mail', () => {}); });")).toEqual([
      ['TKT-3', 'twenty at once open one'],
      ['TIME-1', 'follow-up'],
      ['MAIL-4', 'follow-up: is one mail'],
    ]);
  });

  it('may carry several ids', () => {
    expect(proven("it('TKT-5 OPS-6 a closed chat stays closed', f);")).toEqual([
      ['TKT-5', 'a closed chat stays closed'],
      ['OPS-6', 'a closed chat stays closed'],
    ]);
  });

  it('may take the id from a column of a table', () => {
    const table = "it.each`\n rule | channel\n ${'TKT-2'} | ${'sms'}\n ${'TKT-6'} | ${'sms'}\n ${'TKT-2'} | ${'email'}\n`('$rule to a $channel ticket', f);";
    expect(proven(table)).toEqual([
      ['TKT-2', 'to a $channel ticket'],
      ['TKT-6', 'to a $channel ticket'],
    ]);
    expect(proven("it.each([['TKT-5', 1], ['TKT-6', 2]])('%s does %i', f);")).toEqual([
      ['TKT-5', 'does %i'],
      ['TKT-6', 'does %i'],
    ]);
    expect(proven("it.each([['TKT-5', 1]])('CHAT-2 refuses %s', f);")).toEqual([['CHAT-2', 'refuses %s']]);
  });

  it('are not ids in other strings', () => {
    expect(proven("say('TKT-3 no test'); const a = 'TKT-3'; expect('TKT-3'); it(`TKT-8 ${state} stays`, f);")).toEqual([['TKT-8', '… stays']]);
  });

  const rules = { Tickets: { 'TKT-1': 'Only a customer opens', 'TKT-2': 'One table' } };
  it('stand with their rules; rules without one are open', () => {
    const page = rulesPage(rules, proofsIn('apps/x/src/a.rules.spec.ts', "it('TKT-2 reopens <it>', f);"));
    expect(page).toContain('1 of 2 rules have a test');
    expect(page).toContain('### TKT-2 One table\n\n- reopens \\<it> ([a.rules.spec](../apps/x/src/a.rules.spec.ts))');
    expect(page).toContain('### TKT-1 Only a customer opens\n\n*open*');
    expect(page).toMatch(/## Open\n\nTKT-1\.$/);
  });

  it('of a rule that does not exist are refused', () => {
    expect(() => rulesPage(rules, proofsIn('a.spec.ts', "it('TKT-99 x', f);"))).toThrow('TKT-99');
    expect(rulesPage(rules, proofsIn('a.spec.ts', "it('TKT-1 reads UTF-8', f);"))).toContain('- reads UTF-8');
  });
});

describe('pages', () => {
  it('events: every fact and every shape it names is described', () => {
    const page = eventsPage(ALL_EVENTS);
    for (const { type } of ALL_EVENTS) expect(page).toContain(`### ${type}\n`);
    const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, name = '']) => name.toLowerCase().replace(/[^\w -]/g, ''));
    for (const [, link] of page.matchAll(/\]\(#([^)]+)\)/g)) expect(headings).toContain(link);
    expect(page).toContain('| `timerId` | uuid |  |');
    expect(page).toContain('| `changed?` | list of string | Fields of data that differ from before |');
  });

  it('configuration: defaults, duties and choices of each variable', () => {
    const own = { ...SERVICE_ENV, PARLEY_SIGN_UP: z.enum(['open', 'closed']).default('open').describe('Who may | sign up'), PARLEY_SECRET_KEY: z.string().refine(Boolean).describe('Key') };
    const page = configurationPage(SERVICE_ENV, [{ name: 'gateway', env: own }]);
    expect(page).toContain('| `DATABASE_URL` | **required** | Postgres database of this service |');
    expect(page).toContain('| `PORT` | `0` | Port to listen on; 0: any free one |');
    expect(page).toContain('## gateway\n\n| variable | default | |\n|---|---|---|\n| `PARLEY_SECRET_KEY` | **required** | Key |\n| `PARLEY_SIGN_UP` | `open` | Who may \\| sign up (`open`, `closed`) |');
    expect(() => readEnv({ DATABASE_URL: SERVICE_ENV.DATABASE_URL }, {})).toThrow('DATABASE_URL');
  });

  it('TKT-2 policy: every channel in words, and no unknown word', () => {
    const sms = { per: ['profile', 'address'], among: 'all', closed: { customer: 'reopen', agent: 'reopen' } };
    const rest = { WEIGHT: { keyword: { opens: false, stirs: false } }, MOVES: { close: { from: ['open'], to: 'closed', by: ['agent'], otherwise: 'already_closed' } }, GATES: { sms: { consent: { kinds: ['sms_marketing'], needs: 'grant' } } } };
    const page = policyPage({ POLICY: { sms }, ...rest });
    expect(page).toContain('| SMS | customer and number or handle of the brand | reopens it | may reopen it |');
    expect(page).toContain('| close | open | closed | agent | `already_closed` |');
    expect(page).toContain('| SMS | one of the consents `sms_marketing` |');
    expect(() => policyPage({ POLICY: { sms: { ...sms, per: ['phase of the moon'] } }, ...rest })).toThrow('phase of the moon');
  });

  it('links to files that are not there are found', () => {
    const here = fileURLToPath(import.meta.url);
    expect(brokenLinks(here, '[a](./docs.spec.ts#L1) [b](./gone.ts) [c](https://parley.example) [d](#there)')).toEqual(['./gone.ts']);
  });
});
