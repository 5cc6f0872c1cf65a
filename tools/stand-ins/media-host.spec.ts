import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startMediaHost } from './media-host.js';

describe('a place where files lie', () => {
  let host: Awaited<ReturnType<typeof startMediaHost>>;
  beforeAll(async () => {
    host = await startMediaHost(0, '127.0.0.1');
  });
  afterAll(() => host?.close());
  const get = (path: string, headers: Record<string, string> = {}) => fetch(host.url + path, { redirect: 'manual', headers });

  it('gives pictures, pages that say they are pictures, and nothing', async () => {
    for (const [path, begins] of [['/picture.png', '\x89PNG'], ['/page.png', '<!doctype'], ['/empty.png', ''], ['/slow/1/picture.png', '\x89PNG']] as const) {
      const answer = await get(path);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png']);
      expect(Buffer.from(await answer.arrayBuffer()).toString('latin1').startsWith(begins)).toBe(true);
    }
    expect((await (await get('/megabytes/3')).arrayBuffer()).byteLength).toBe(3 * 1024 * 1024);
  });

  it('asks to sign in, leads on, is lost, in trouble, and hangs up', async () => {
    expect([(await get('/locked.png')).status, (await get('/locked.png', { authorization: 'Basic eDp4' })).status]).toEqual([401, 200]);
    const led = await get('/to?url=http%3A%2F%2Felsewhere.example%2Fx');
    expect([led.status, led.headers.get('location')]).toEqual([302, 'http://elsewhere.example/x']);
    expect([(await get('/lost')).status, (await get('/status/503')).status]).toEqual([404, 503]);
    await expect(get('/cut/picture.png')).rejects.toThrow();
    await expect(fetch(`${host.url}/never/picture.png`, { signal: AbortSignal.timeout(300) })).rejects.toThrow(/abort|timeout/i);
  });
});
