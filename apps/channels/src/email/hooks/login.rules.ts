import { createHash, timingSafeEqual } from 'node:crypto';

/** Basic authentication (RFC 7617) by this user and password, compared in constant time. */
export function hasLogin(authorization: string | undefined, user: string, password: string): boolean {
  const [, given] = /^basic\s+([A-Za-z0-9+/_-]{1,2000}=*)\s*$/i.exec(authorization ?? '') ?? [];
  return given !== undefined && timingSafeEqual(digest(Buffer.from(given, 'base64')), digest(`${user}:${password}`));
}

const digest = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest();
