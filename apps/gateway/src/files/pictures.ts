import { INLINE_TYPES, VISITOR_PICTURE_BYTES } from '@parley/contracts/attachments';
import { ContractError } from '@parley/contracts/errors';
import { typeOf } from '@parley/service/file-names';
import type { Readable } from 'node:stream';
import { withoutNotes } from './picture.rules.js';

/** So much tells the type of a file. */
const HEAD_BYTES = 65_536;

/**
 * What a visitor uploads, as it is kept: pictures whole in memory, up to 10 MiB, without what the camera noted in them; anything else as it comes.
 * @throws ContractError TOO_LARGE, VALIDATION_FAILED for a broken picture
 */
export async function cleaned(bytes: Readable, declaredType: string): Promise<{ contentType: string; bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array> }> {
  const arriving = bytes[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const head = await upTo(arriving, HEAD_BYTES);
  const contentType = await typeOf(head.subarray(0, HEAD_BYTES), declaredType);
  if (!(INLINE_TYPES as readonly string[]).includes(contentType)) return { contentType, bytes: rest(head, arriving) };
  const whole = Buffer.concat([head, await upTo(arriving, VISITOR_PICTURE_BYTES)]);
  if (whole.length > VISITOR_PICTURE_BYTES) throw new ContractError('TOO_LARGE', `A picture may hold ${VISITOR_PICTURE_BYTES} bytes`);
  const clean = withoutNotes(whole, contentType);
  if (!clean) throw new ContractError('VALIDATION_FAILED', 'The upload cannot be taken', { errors: [{ pointer: '', message: 'is no whole picture' }] });
  return { contentType, bytes: [clean] };
}

/** Reads on until there is more than so much, or no more. */
async function upTo(arriving: AsyncIterator<Buffer>, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let size = 0; size <= most; ) {
    const { value, done } = await arriving.next();
    if (done) break;
    chunks.push(value);
    size += value.length;
  }
  return Buffer.concat(chunks);
}

async function* rest(head: Buffer, arriving: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length) yield head;
  for (let next = await arriving.next(); !next.done; next = await arriving.next()) yield next.value;
}
