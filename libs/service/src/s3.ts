import { createHash, createHmac } from 'node:crypto';

export type S3Keys = { region: string; accessKeyId: string; secretAccessKey: string };
type Signable = { method: string; url: URL; headers: Record<string, string>; hash: string; at: Date };

/** The headers of a request with its signature (AWS Signature Version 4, which S3-compatible services take). `headers`: in lower case; `hash`: SHA-256 of the body. */
export function signedHeaders({ method, url, headers, hash, at }: Signable, { region, accessKeyId, secretAccessKey }: S3Keys): Record<string, string> {
  const time = at.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const all: Record<string, string> = { ...headers, host: url.host, 'x-amz-date': time };
  const names = Object.keys(all).sort();
  const canonical = [method, url.pathname, '', ...names.map((name) => `${name}:${all[name]!.trim()}`), '', names.join(';'), hash].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = ['s3', 'aws4_request'].reduce(hmac, hmac(hmac(`AWS4${secretAccessKey}`, time.slice(0, 8)), region));
  const { host: _, ...sent } = all;
  return { ...sent, authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},SignedHeaders=${names.join(';')},Signature=${hmac(key, toSign).toString('hex')}` };
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
