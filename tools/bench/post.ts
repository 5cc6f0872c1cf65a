import { connect, type Socket } from 'node:net';

/** A request as the bytes that go over the wire. */
export type Bytes = Buffer;

/** Sends ready-made requests over kept-alive connections, one at a time on each, and looks at nothing of the answer but its status. */
export interface Poster {
  /** Resolves to the status; waits for a free connection. */
  post(request: Bytes): Promise<number>;
  close(): void;
}

/** HTTP/1.1 as small as it can be: a generator that costs next to nothing on the machine that it measures. */
export async function openPoster(url: string, connections: number): Promise<Poster> {
  const { hostname, port } = new URL(url);
  const free: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  const all = await Promise.all(Array.from({ length: connections }, () => opened(hostname, Number(port))));
  free.push(...all);
  const release = (socket: Socket) => {
    const next = waiting.shift();
    if (next) next(socket);
    else free.push(socket);
  };
  return {
    async post(request) {
      const socket = free.pop() ?? (await new Promise<Socket>((resolve) => waiting.push(resolve)));
      const status = await exchange(socket, request);
      release(socket);
      return status;
    },
    close: () => all.forEach((socket) => socket.destroy()),
  };
}

function opened(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

function exchange(socket: Socket, request: Bytes): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const take = (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (!isWhole(answer)) return;
      socket.off('data', take).off('close', gone);
      resolve(Number(answer.slice(9, 12)));
    };
    const gone = () => reject(new Error('the connection was closed'));
    socket.on('data', take).once('close', gone);
    socket.write(request);
  });
}

function isWhole(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /content-length: (\d+)/i.exec(answer.slice(0, end))?.[1];
  return length === undefined ? answer.endsWith('0\r\n\r\n') : answer.length >= end + 4 + Number(length);
}

/** A POST with everything in it. */
export function requestOf(url: string, { path, headers, body }: { path: string; headers: Record<string, string>; body: string }): Bytes {
  const lines = Object.entries({ host: new URL(url).host, ...headers, 'content-length': String(Buffer.byteLength(body)) }).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}
