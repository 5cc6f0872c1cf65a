// Loaded into each service before itself (NODE_OPTIONS=--import) by npm run bench -- --profile FOLDER. The first SIGUSR2 starts a CPU
// profile, the second one ends it and writes it to PROFILE_FOLDER, named after the service.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { basename, dirname, join } from 'node:path';

const session = new Session();
session.connect();
let running = false;

process.on('SIGUSR2', () => void toggle());

async function toggle(): Promise<void> {
  if (!running) {
    running = true;
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    return;
  }
  const { profile } = await session.post('Profiler.stop');
  const service = basename(dirname(dirname(process.argv[1] ?? '')));
  writeFileSync(join(process.env.PROFILE_FOLDER ?? '.', `${service}.cpuprofile`), JSON.stringify(profile));
}
