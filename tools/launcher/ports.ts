import { createServer, connect } from 'node:net';

/** Below the range from which Linux gives outgoing connections their ports: a server that was killed finds its port free again. */
const FIRST = 20_000;
const COUNT = 10_000;
/** Each process begins somewhere else, neighbours by their ids the farthest apart: two that look at the same moment do not meet. */
let last = (process.pid * 6181) % COUNT;
const given = new Set<number>();

/** Whether somebody could listen on this port of the loopback address now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** The preferred port if it is free, otherwise a free one that this process has not given away before. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred && !given.has(preferred) && (await isFree(preferred))) {
    given.add(preferred);
    return preferred;
  }
  for (;;) {
    last = (last + 1) % COUNT;
    const port = FIRST + last;
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

/** What a server on this port answers to `hello`; rejects when nobody listens or nothing comes within two seconds. */
export function greet(port: number, hello: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => hello && socket.write(hello));
    socket.setTimeout(2_000, () => socket.destroy(new Error(`port ${port} does not answer`)));
    socket.once('error', reject);
    socket.once('data', (data) => {
      resolve(data.toString());
      socket.destroy();
    });
    socket.once('close', () => reject(new Error(`port ${port} was closed`)));
  });
}
