import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forgetPostgres } from './postgres.js';
import { startServers, type Servers } from './servers.js';

/** Private servers for tests, and the variables by which the specs find them. `close` stops them and removes their folder. */
export interface Scratch {
  /** Gone after close(). */
  folder: string;
  servers: Servers;
  env: { TEST_DATABASE_URL: string; NATS_URL: string; REDIS_URL: string };
  close(): Promise<void>;
}

/** Three fresh servers in a folder of their own; whatever the environment names, tests do not touch that. */
export async function openScratch(say: (line: string) => void): Promise<Scratch> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-test-'));
  chmodSync(folder, 0o711);
  const forget = () => {
    forgetPostgres(folder);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const servers = await startServers({ folder, say });
    return {
      folder,
      servers,
      env: { TEST_DATABASE_URL: servers.postgres.url, NATS_URL: servers.nats.url, REDIS_URL: servers.redis.url },
      close: () => servers.stop().finally(forget),
    };
  } catch (error) {
    forget();
    throw error;
  }
}
