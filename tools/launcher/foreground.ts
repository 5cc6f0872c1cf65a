import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Runs a program on our terminal and resolves to its exit code. A signal that aborts us ends it, and counts as 128 + its number. */
export function runInForeground(program: string, args: string[], env: NodeJS.ProcessEnv, abort: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: 'inherit' });
    const end = () => child.kill('SIGTERM');
    if (abort.aborted) end();
    abort.addEventListener('abort', end);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      abort.removeEventListener('abort', end);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

/** Aborts at the first SIGINT, SIGTERM or SIGHUP; later ones change nothing, so that stopping is not interrupted. */
export function untilSignal(): AbortSignal {
  const control = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => control.abort(signal));
  return control.signal;
}
