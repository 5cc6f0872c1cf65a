import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { IdentityService } from './identity.service.js';

const fixture = (name: string) => JSON.parse(readFileSync(new URL(`../../test/fixtures/webchat/${name}.json`, import.meta.url), 'utf8'));
const channel = (widgetKey: string) => ({ widgetKey, credentials: { identitySecret: 'widget_test_secret_at_least_32_bytes_long!!' } });
const verify = ({ widgetKey, token, clock }: { widgetKey: string; token: string; clock: number }, later = 0) => new IdentityService().verify(channel(widgetKey), token, new Date((clock + later) * 1000));

it('CHAT-2 webchat/01 a valid token, at its clock, is a proven visitor', async () => {
  expect(await verify(fixture('01-identify-jwt-valid'))).toEqual({ id: 'shop-customer-5512', name: 'Erika Mustermann', email: 'erika@customer.example' });
});

it('CHAT-2 webchat/01 an hour later it has expired', async () => {
  await expect(verify(fixture('01-identify-jwt-valid'), 3_700)).rejects.toMatchObject({ code: 'IDENTITY_TOKEN_EXPIRED' });
});

it('CHAT-2 webchat/04 the same token at another widget is refused', async () => {
  await expect(verify(fixture('04-identify-wrong-audience'))).rejects.toMatchObject({ code: 'IDENTITY_TOKEN_INVALID' });
});
