import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { BucketStore, fileStoreOf, FolderStore, type FileStore } from './files.js';
import { SafeHttp } from './http.js';
import { newId } from './ids.js';

const account = newId();
const BYTES = Buffer.from('Hello'.repeat(50_000));
const HASH = createHash('sha256').update(BYTES).digest('hex');
async function* inPieces(bytes: Buffer, size = 60_000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

let folder = '';
const objects = new Map<string, Buffer>();
const seen: IncomingMessage[] = [];
let bucket: Server;
let stores: Record<string, FileStore>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-store-'));
  // What stands for an S3-compatible service.
  bucket = createServer(async (request, response) => {
    seen.push(request);
    const body = await buffer(request);
    const known = objects.get(request.url!);
    if (request.method === 'PUT') objects.set(request.url!, body);
    if (request.method === 'DELETE') objects.delete(request.url!);
    response.writeHead(request.method === 'GET' && !known ? 404 : 200).end(request.method === 'GET' ? known : undefined);
  });
  await new Promise<void>((resolve) => bucket.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}/attachments`;
  const keys = { region: 'eu-central-1', accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'not-a-secret' };
  stores = { folder: new FolderStore(folder), bucket: new BucketStore(url, keys, new SafeHttp(['127.0.0.0/8'])) };
});
afterAll(async () => {
  await new Promise((resolve) => bucket.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

describe.each(['folder', 'bucket'])('a store in a %s', (kind) => {
  it('keeps bytes under account and hash, and gives them back', async () => {
    const store = stores[kind]!;
    const kept = await store.put(account, inPieces(BYTES), 1_000_000);
    expect(kept).toEqual({ sha256: HASH, sizeBytes: BYTES.length, head: BYTES.subarray(0, 65_536) });
    expect(await store.put(account, [BYTES], 1_000_000)).toEqual(kept);
    expect((await buffer((await store.read(account, HASH))!)).equals(BYTES)).toBe(true);
  });

  it('ACC-1 another account has none of them', async () => {
    expect(await stores[kind]!.read(newId(), HASH)).toBeNull();
  });

  it('forgets, again and again', async () => {
    await stores[kind]!.remove(account, HASH);
    await stores[kind]!.remove(account, HASH);
    expect(await stores[kind]!.read(account, HASH)).toBeNull();
  });

  it('security 23: keeps nothing of what is too large or breaks off', async () => {
    const store = stores[kind]!;
    await expect(store.put(account, inPieces(BYTES), BYTES.length - 1)).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await expect(store.put(account, (async function* () { yield BYTES; throw new Error('cut off'); })(), 1_000_000)).rejects.toThrow('cut off');
    expect(await store.read(account, HASH)).toBeNull();
  });

  it('security 7: no path is made of anything but an account id and a hash', async () => {
    for (const [who, what] of [['..', HASH], [account, '../../etc/passwd'], [`${account}/..`, HASH], [account, `${HASH}/`]] as const) await expect(stores[kind]!.read(who, what)).rejects.toThrow('no key');
  });
});

it('a folder holds nothing half done', () => {
  expect(readdirSync(join(folder, 'arriving'))).toEqual([]);
});

it('a bucket gets signed requests with the hash of the body', () => {
  const put = seen.find(({ method }) => method === 'PUT')!;
  expect(put.headers).toMatchObject({ 'x-amz-content-sha256': HASH, authorization: expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/s3\/aws4_request,/) });
  expect(put.url).toBe(`/attachments/${account}/${HASH.slice(0, 2)}/${HASH}`);
});

it('a bucket that is away or refuses is UNAVAILABLE', async () => {
  const env = { PARLEY_FILES_DIR: folder, PARLEY_FILES_S3_URL: 'http://127.0.0.1:1/x', PARLEY_FILES_S3_REGION: 'x' };
  const store = fileStoreOf(env, new SafeHttp(['127.0.0.0/8']));
  expect(store).toBeInstanceOf(BucketStore);
  await expect(store.read(account, HASH)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(store.put(account, [BYTES], 1_000_000)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
