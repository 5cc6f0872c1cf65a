import { serve, type Answer, type Asked } from './web.js';

const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');
const MEGABYTE = 1024 * 1024;
const LONGEST_MS = 600_000;

/**
 * A place where files lie, good and bad ones. What lies at an address is told by the address itself, so that anybody can make one up:
 *
 * - `/picture.png` a picture; `/locked.png` one for whoever signs in, by any name and password
 * - `/page.png` a web page that says it is a picture; `/empty.png` nothing
 * - `/megabytes/30` so many
 * - `/slow/5000/picture.png` a picture, after so many milliseconds; `/never/…` none, and no answer either; `/cut/…` a connection that ends
 * - `/status/503` that status; `/to?url=…` a redirect there, and `/lost` a 404 like all that is not named here
 */
export function startMediaHost(port: number, host: string): Promise<{ url: string; close(): Promise<void> }> {
  return serve(port, host, lying);
}

async function lying({ path, query, headers }: Asked): Promise<Answer> {
  const [, first = '', second = ''] = path.split('/');
  switch (first) {
    case 'picture.png':
      return picture(PICTURE);
    case 'locked.png':
      return headers.authorization ? picture(PICTURE) : { status: 401, body: { message: 'Sign in' }, headers: { 'www-authenticate': 'Basic realm="media"' } };
    case 'page.png':
      return picture(Buffer.from('<!doctype html><script>alert(1)</script>'));
    case 'empty.png':
      return picture(Buffer.alloc(0));
    case 'megabytes':
      return { status: 200, body: Buffer.alloc(Math.min(Number(second) || 1, 100) * MEGABYTE), headers: { 'content-type': 'video/mp4' } };
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, Math.min(Number(second) || 0, LONGEST_MS)).unref());
      return picture(PICTURE);
    case 'never':
      return 'never';
    case 'cut':
      return 'cut';
    case 'status':
      return { status: Number(second) || 500, body: { message: `It is ${second}` } };
    case 'to':
      return { status: 302, body: '', headers: { location: query.get('url') ?? '/' } };
    default:
      return { status: 404, body: { message: `Nothing lies at ${path}` } };
  }
}

const picture = (body: Buffer): Answer => ({ status: 200, body, headers: { 'content-type': 'image/png' } });
