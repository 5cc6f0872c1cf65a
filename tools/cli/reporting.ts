import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Urls } from './databases.js';

/** Works every figure out again from the event log (REP-5), beside the old ones; they change places at the end. Rejects when it fails. */
export async function rebuild(urls: Urls, root: string) {
  if (!urls.reporting) throw new Error('The database of reporting is not known: --database reporting=postgres://…');
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PARLEY_'));
  const env = { ...Object.fromEntries(inherited), DATABASE_URL: urls.reporting };
  const child = spawn(process.execPath, ['--enable-source-maps', join(root, 'apps/reporting/dist/main.js'), '--rebuild'], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`The rebuild ended with ${code}; the figures are as they were.`);
  return [{ outcome: 'rebuilt' }];
}
