import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A WebSocket whose frames are kept, parsed, in the order in which they came. */
export interface Frames<T> {
  all: T[];
  send(frame: unknown): void;
  /** Resolves when the other side knows. */
  close(): Promise<void>;
  /** Gone at once, without a word: as when a laptop is shut. */
  drop(): void;
  /** The code of the end, once there was one. */
  closedWith(): number | undefined;
}

/** Opens a socket at a gateway: `path` with its query. Rejects when the gateway refuses it. `heard` gets each frame as it comes. */
export async function openFrames<T>(gatewayUrl: string, path: string, heard: (frame: T) => void = () => {}): Promise<Frames<T>> {
  const socket = new WebSocket(new URL(path, gatewayUrl.replace(/^http/, 'ws')));
  const all: T[] = [];
  let code: number | undefined;
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as T;
    all.push(frame);
    heard(frame);
  });
  socket.on('close', (reason) => (code = reason));
  await once(socket, 'open');
  socket.on('error', () => {});
  const close = async () => {
    if (socket.readyState === WebSocket.CLOSED) return;
    const closed = once(socket, 'close');
    socket.close(1000);
    await closed;
  };
  return { all, close, send: (frame) => socket.send(JSON.stringify(frame)), drop: () => socket.terminate(), closedWith: () => code };
}
