import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { ContractError } from '@parley/contracts/errors';
import { SafeHttp } from './http.js';
import { signedHeaders, type S3Keys } from './s3.js';

/** What is known of bytes once they stand in the store. `head`: the first 64 KiB, to tell their type by. */
export type StoredFile = { sha256: string; sizeBytes: number; head: Buffer };

/** Where the bytes of files are kept, under account and SHA-256: nothing that anybody names themselves becomes a path (security.md 7). */
export abstract class FileStore {
  /** Keeps the bytes; the same bytes of an account are kept once. @throws ContractError TOO_LARGE above `maxBytes`: then nothing is kept; UNAVAILABLE when the store is away. */
  abstract put(account: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, maxBytes: number): Promise<StoredFile>;
  /** The bytes; null: they are gone. @throws ContractError UNAVAILABLE when the store is away. */
  abstract read(account: string, sha256: string): Promise<Readable | null>;
  /** Forgets the bytes, if there are any. */
  abstract remove(account: string, sha256: string): Promise<void>;
}

/** What the environment says of the store: see FILES_ENV in config.ts. */
export type FilesEnv = {
  PARLEY_FILES_DIR: string;
  PARLEY_FILES_S3_URL?: string | undefined;
  PARLEY_FILES_S3_REGION: string;
  PARLEY_FILES_S3_ACCESS_KEY_ID?: string | undefined;
  PARLEY_FILES_S3_SECRET_ACCESS_KEY?: string | undefined;
};

/** The store of this installation: a bucket where one is configured, else a folder that gateways and channels share. */
export function fileStoreOf(env: FilesEnv, http: Pick<SafeHttp, 'send'>): FileStore {
  if (!env.PARLEY_FILES_S3_URL) return new FolderStore(env.PARLEY_FILES_DIR);
  const keys = { region: env.PARLEY_FILES_S3_REGION, accessKeyId: env.PARLEY_FILES_S3_ACCESS_KEY_ID ?? '', secretAccessKey: env.PARLEY_FILES_S3_SECRET_ACCESS_KEY ?? '' };
  return new BucketStore(env.PARLEY_FILES_S3_URL.replace(/\/$/, ''), keys, http);
}

/** `account/ab/ab12…`. Anything that is no account id or no hash is our own mistake. */
function keyOf(account: string, sha256: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(account) || !/^[0-9a-f]{64}$/.test(sha256)) throw new Error('no key of a file');
  return `${account}/${sha256.slice(0, 2)}/${sha256}`;
}

const HEAD_BYTES = 65_536;
/** Counts and hashes what passes. */
class Measure {
  private readonly hash = createHash('sha256');
  private readonly first: Buffer[] = [];
  sizeBytes = 0;

  constructor(private readonly maxBytes: number) {}

  add(chunk: Uint8Array) {
    if (this.sizeBytes < HEAD_BYTES) this.first.push(Buffer.from(chunk.subarray(0, HEAD_BYTES - this.sizeBytes)));
    this.sizeBytes += chunk.length;
    if (this.sizeBytes > this.maxBytes) throw new ContractError('TOO_LARGE', `A file may hold ${this.maxBytes} bytes`);
    this.hash.update(chunk);
  }

  done(): StoredFile {
    return { sha256: this.hash.digest('hex'), sizeBytes: this.sizeBytes, head: Buffer.concat(this.first) };
  }
}

/** A folder. A file appears under its name once it is whole. */
export class FolderStore implements FileStore {
  constructor(private readonly folder: string) {}

  async put(account: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, maxBytes: number): Promise<StoredFile> {
    const arriving = join(this.folder, 'arriving', randomUUID());
    await mkdir(dirname(arriving), { recursive: true, mode: 0o700 });
    try {
      const stored = await this.write(arriving, source, new Measure(maxBytes));
      const path = join(this.folder, keyOf(account, stored.sha256));
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await rename(arriving, path);
      return stored;
    } catch (error) {
      await rm(arriving, { force: true });
      throw away(error);
    }
  }

  async read(account: string, sha256: string): Promise<Readable | null> {
    const path = join(this.folder, keyOf(account, sha256));
    const found = await stat(path).catch((error: unknown) => {
      if ((error as { code?: string }).code === 'ENOENT') return null;
      throw away(error);
    });
    return found && createReadStream(path);
  }

  async remove(account: string, sha256: string) {
    await rm(join(this.folder, keyOf(account, sha256)), { force: true });
  }

  private async write(path: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, measure: Measure): Promise<StoredFile> {
    const file = await open(path, 'wx', 0o600);
    try {
      for await (const chunk of source) {
        measure.add(chunk);
        await file.writeFile(chunk);
      }
      // A message that names the file is committed after this: the file must not be lost to a power cut that the message survives.
      await file.sync();
    } finally {
      await file.close();
    }
    return measure.done();
  }
}

const TIMEOUT_MS = 60_000;

/** A bucket of an S3-compatible service, by signed requests. A file is held in memory while it is on its way. */
export class BucketStore implements FileStore {
  /** @param url of the bucket, such as https://s3.eu-central-1.amazonaws.com/bucket */
  constructor(private readonly url: string, private readonly keys: S3Keys, private readonly http: Pick<SafeHttp, 'send'>) {}

  async put(account: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, maxBytes: number): Promise<StoredFile> {
    const measure = new Measure(maxBytes);
    const chunks: Uint8Array[] = [];
    for await (const chunk of source) {
      measure.add(chunk);
      chunks.push(chunk);
    }
    const stored = measure.done();
    await this.call('PUT', keyOf(account, stored.sha256), Buffer.concat(chunks), stored.sha256);
    return stored;
  }

  async read(account: string, sha256: string): Promise<Readable | null> {
    const { status, body } = await this.call('GET', keyOf(account, sha256));
    return status === 404 ? null : Readable.from([body]);
  }

  async remove(account: string, sha256: string) {
    await this.call('DELETE', keyOf(account, sha256));
  }

  private async call(method: 'GET' | 'PUT' | 'DELETE', key: string, body?: Buffer, hash = EMPTY) {
    const url = `${this.url}/${key}`;
    const headers = signedHeaders({ method, url: new URL(url), headers: { 'x-amz-content-sha256': hash }, hash, at: new Date() }, this.keys);
    const answer = await this.http.send({ method, url, headers, ...(body && { body }), timeoutMs: TIMEOUT_MS, maxBytes: 64 * 1024 * 1024 }).catch((error: unknown) => {
      throw new ContractError('UNAVAILABLE', `The file store does not answer: ${(error as Error).message}`);
    });
    const fine = answer.status < 300 || (method !== 'PUT' && answer.status === 404);
    if (!fine) throw new ContractError('UNAVAILABLE', `The file store answers ${answer.status}`);
    return answer;
  }
}

const EMPTY = createHash('sha256').update('').digest('hex');
/** A full or missing disk is nobody’s fault and may pass; what breaks off in the source is the sender’s affair. */
const away = (error: unknown) => (/^E(NOSPC|IO|ACCES|ROFS|MFILE|DQUOT|PERM)$/.test((error as { code?: string }).code ?? '') ? new ContractError('UNAVAILABLE', 'The file store cannot be used') : error);
