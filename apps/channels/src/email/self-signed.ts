import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const DAY_MS = 86_400_000;
/** ecdsa-with-SHA256, commonName, subjectAltName. */
const [ECDSA_SHA256, COMMON_NAME, ALT_NAME] = ['06082a8648ce3d040302', '0603550403', '0603551d11'].map((hex) => Buffer.from(hex, 'hex')) as [Buffer, Buffer, Buffer];

/**
 * A key that nobody else has, and a certificate that vouches for nothing but the name (RFC 5280): enough for mail servers, which encrypt without asking
 * who is there (RFC 7435).
 * @returns both as PEM
 */
export function selfSigned(name: string, at: Date): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(0x30, ECDSA_SHA256);
  const called = der(0x30, der(0x31, der(0x30, COMMON_NAME, der(0x0c, Buffer.from(name.slice(0, 64))))));
  const valid = der(0x30, time(at.getTime() - DAY_MS), time(at.getTime() + 3650 * DAY_MS));
  const names = der(0x30, der(0x82, Buffer.from(name, 'latin1')));
  const serial = Buffer.concat([Buffer.from([0x40]), randomBytes(15)]);
  const body = der(0x30, der(0xa0, der(0x02, Buffer.from([2]))), der(0x02, serial), algorithm, called, valid, called, publicKey.export({ type: 'spki', format: 'der' }), der(0xa3, der(0x30, der(0x30, ALT_NAME, der(0x04, names)))));
  const signature = sign('sha256', body, { key: privateKey, dsaEncoding: 'der' });
  const whole = der(0x30, body, algorithm, der(0x03, Buffer.from([0]), signature));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n` };
}

/** One value with its tag and length (X.690). */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

/** GeneralizedTime, to the second. */
const time = (ms: number) => der(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')}`, 'latin1'));
