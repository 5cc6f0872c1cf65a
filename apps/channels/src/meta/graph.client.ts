import { type ConnectedChannel, type Io, Outage } from '../adapter.js';
import { graphError, type GraphError } from './graph-errors.rules.js';
import { type Fields, fields, parsed } from './json.rules.js';
import { appSecretProof } from './meta-signature.rules.js';

const TIMEOUT_MS = 15_000;

/** Of a channel by Meta, as the contract has them. */
export type MetaCredentials = { appSecrets: string[]; verifyToken: string; accessToken: string };

export type GraphCall = { method: 'GET' | 'POST'; path: string; query?: Record<string, string>; json?: object; form?: { contentType: string; body: Uint8Array } };
export type GraphAnswer = { ok: true; said: Fields } | { ok: false; error: GraphError };

/** Meta's Graph API at one address and in one version, asked in the name of a channel. */
export class Graph {
  constructor(
    private readonly baseUrl: string,
    private readonly version: string,
  ) {}

  /**
   * Asks once. What Meta refuses is an answer.
   * @throws Outage where nothing was done and later it may be; other errors where it is unknown what was done.
   */
  async ask({ method, path, query = {}, json, form }: GraphCall, channel: ConnectedChannel, io: Pick<Io, 'http'>): Promise<GraphAnswer> {
    const { accessToken, appSecrets } = channel.credentials as MetaCredentials;
    const parameters = new URLSearchParams({ ...query, appsecret_proof: appSecretProof(accessToken, appSecrets[0]!) });
    const body = json ? JSON.stringify(json) : form?.body;
    const answer = await io.http.send({
      method,
      url: `${this.baseUrl}/${this.version}/${path}?${parameters}`,
      headers: { authorization: `Bearer ${accessToken}`, ...(body !== undefined && { 'content-type': form?.contentType ?? 'application/json' }) },
      ...(body !== undefined && { body }),
      timeoutMs: TIMEOUT_MS,
    });
    return judge(answer);
  }
}

function judge({ status, headers, body }: { status: number; headers: Record<string, string>; body: Buffer }): GraphAnswer {
  const said = parsed(body);
  if (status === 200 && said && !('error' in said)) return { ok: true, said };
  const error = graphError(fields(said?.error), `Meta answered ${status}`);
  const isLater = error.laterSeconds !== null || status === 429 || status === 503;
  if (isLater) throw new Outage(`Meta: ${error.reason}`, Number(headers['retry-after']) || (error.laterSeconds ?? undefined));
  if (error.code === 'unknown' && !isRefusal(status)) throw new Error(`Meta answered ${status}`);
  return { ok: false, error: error.code === 'unknown' ? { ...error, code: String(status) } : error };
}

const isRefusal = (status: number) => status >= 400 && status < 500;
