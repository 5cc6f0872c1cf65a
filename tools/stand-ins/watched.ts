import { afterEach, beforeEach } from '@jest/globals';
import { startStandIns, type StandIns } from './stand-ins.js';
import { serve, type Asked } from './web.js';

/** What a spec sees of the pretended providers: anew for every test. */
export interface Watched {
  world: StandIns;
  /** Of the one who listens to them. */
  hookUrl: string;
  /** What was posted to the webhook, in order. */
  posted: Asked[];
}

/** For specs: pretended providers that wait for nothing, and a webhook that takes whatever they post. Ends with each test. */
export function watchStandIns(): Watched {
  const here = {} as Watched;
  let close: () => Promise<unknown>;
  beforeEach(async () => {
    const world = await startStandIns();
    world.faults.callbackDelayMs = 1;
    const posted: Asked[] = [];
    const hook = await serve(0, '127.0.0.1', (asked) => {
      posted.push(asked);
      return { status: 200, body: {} };
    });
    Object.assign(here, { world, hookUrl: hook.url, posted });
    close = () => Promise.all([world.close(), hook.close()]);
  });
  afterEach(() => close());
  return here;
}
