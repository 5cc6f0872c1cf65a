import { Busboy } from '@fastify/busboy';
import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { FILE_BYTES } from '@parley/contracts/attachments';
import { ContractError } from '@parley/contracts/errors';

/** The file of a multipart body, while it arrives. */
export type Arriving = { name: string; declaredType: string; bytes: Readable };

/** Headers of parts and boundaries, beside the file itself. */
const AROUND_BYTES = 16_384;

/**
 * Reads a multipart body that holds one file and nothing else; `keep` takes the bytes as they come, and is done before this is.
 * @throws ContractError VALIDATION_FAILED, TOO_LARGE; whatever `keep` throws
 */
export async function receiveFile<T>(request: IncomingMessage, keep: (file: Arriving) => Promise<T>): Promise<T> {
  if (Number(request.headers['content-length'] ?? 0) > FILE_BYTES + AROUND_BYTES) throw new ContractError('TOO_LARGE', `A file may hold ${FILE_BYTES} bytes`);
  const parser = parserOf(request);
  let kept: Promise<T> | undefined;
  let current: Readable | undefined;
  // The parser tells a broken body more than once, and after the pipeline has stopped listening.
  const heard = () => undefined;
  parser.on('error', heard);
  const read = new Promise<void>((resolve, reject) => {
    parser.on('file', (_field, bytes, name, _encoding, declaredType) => {
      current = bytes.on('error', heard);
      kept = keep({ name: name ?? '', declaredType: declaredType ?? '', bytes });
      kept.catch(reject);
    });
    parser.on('field', () => reject(refused('holds something beside the file')));
    for (const limit of ['filesLimit', 'fieldsLimit', 'partsLimit'] as const) parser.on(limit, () => reject(refused('holds more than one part')));
    pipeline(request, parser, (error) => {
      if (!error) return resolve();
      // Whoever reads the file must learn that no more of it comes.
      current?.destroy(error);
      reject(refused('is cut off or no multipart body'));
    });
  });
  try {
    await read;
    if (!kept) throw refused('holds no file');
    return await kept;
  } catch (error) {
    await Promise.allSettled([kept]);
    throw error;
  } finally {
    // What is still on its way is read to its end, so that the sender hears the answer; more than a file holds is not.
    drain(request);
  }
}

function parserOf(request: IncomingMessage) {
  try {
    return new Busboy({ headers: request.headers as { 'content-type': string }, preservePath: true, limits: { files: 1, fields: 0, parts: 2, fieldNameSize: 100, headerPairs: 20, headerSize: 8192 } });
  } catch {
    throw refused('is no multipart body with a boundary');
  }
}

function drain(request: IncomingMessage) {
  if (request.readableEnded || request.destroyed) return;
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    if ((bytes += chunk.length) > FILE_BYTES) request.destroy();
  });
  request.resume();
}

const refused = (message: string) => new ContractError('VALIDATION_FAILED', 'The upload cannot be taken', { errors: [{ pointer: '', message }] });
