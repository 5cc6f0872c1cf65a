import { access, type Role } from '@parley/contracts/access';
import type { Request } from '@parley/contracts/contract';
import { endpointOf } from '@parley/contracts/http';
import { httpClient, type HttpClient } from '@parley/contracts/http-client';
import { rig, type Rig } from '@parley/service/testing/rig';
import supertest, { type Response } from 'supertest';
import { gatewayApp } from '../src/gateway.app.js';

export const PASSWORD = 'correct horse battery';
let counter = 0;

/** Somebody at the API: asks by contract, or sends whatever a test wants. */
export type Somebody = {
  token: string;
  id: string;
  email: string;
  ask: HttpClient;
  /** The bare answer, whatever its status. */
  send(contract: Request, parts?: { path?: Record<string, string>; query?: object; body?: object | string; headers?: Record<string, string> }): Promise<Response>;
};
export type Shop = { account: string; owner: Somebody; refreshToken: string; person(role: Role): Promise<Somebody>; key(scopes: string[]): Promise<Somebody> };
export type Desk = { gateway: Rig; shop(mode?: 'live' | 'test'): Promise<Shop>; nobody: Somebody; somebody(token: string): Somebody; close(): Promise<void> };

/** A gateway with makers of accounts, people and keys. */
export async function openDesk(env: Record<string, string> = {}): Promise<Desk> {
  const gateway = await rig(gatewayApp, { env });
  const somebody = (token: string, id = '', email = ''): Somebody => ({
    token, id, email,
    ask: httpClient(gateway.url, token ? { authorization: `Bearer ${token}` } : {}),
    async send(contract, { path = {}, query = {}, body, headers = {} } = {}) {
      const endpoint = endpointOf(contract)!;
      const url = endpoint.path.replace(/:(\w+)/g, (_part, name: string) => path[name] ?? gateway.account);
      const request = supertest(gateway.url)[endpoint.method.toLowerCase() as 'post'](url).query(query).set(headers);
      if (token) void request.set('authorization', `Bearer ${token}`);
      if (endpoint.carrier === 'body' && headers['content-type'] === undefined) void request.set('content-type', 'application/json');
      return body === undefined ? request : request.send(body);
    },
  });
  const nobody = somebody('');

  const shop = async (mode: 'live' | 'test' = 'live'): Promise<Shop> => {
    const email = `owner${++counter}@shop.example`;
    const opened = await nobody.ask(access.signUp, { name: 'Shop', mode, owner: { name: 'Olga Owner', email, password: PASSWORD } });
    const owner = somebody(opened.accessToken, opened.user.id, email);
    return {
      account: opened.account.id, owner, refreshToken: opened.refreshToken,
      async person(role) {
        const email = `${role}${++counter}@shop.example`;
        const user = await owner.ask(access.createUser, { email, name: role, role, password: PASSWORD });
        const { accessToken } = await nobody.ask(access.login, { email, password: PASSWORD });
        return somebody(accessToken, user.id, email);
      },
      async key(scopes) {
        const { key, id } = await owner.ask(access.createApiKey, { name: 'program', scopes: scopes as never });
        return somebody(key, id);
      },
    };
  };
  return { gateway, shop, nobody, somebody, close: () => gateway.close() };
}
