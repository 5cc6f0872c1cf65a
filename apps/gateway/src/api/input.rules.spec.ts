import { describe, expect, it } from '@jest/globals';
import { access } from '@parley/contracts/access';
import { tickets } from '@parley/contracts/tickets';
import { webchat } from '@parley/contracts/webchat';
import type { Request } from '@parley/contracts/contract';
import { inputOf } from './input.rules.js';

const ID = '0190b3c0-0000-7000-8000-000000000001';
const carried = (more: object) => ({ params: {}, query: {}, body: undefined, headers: {}, ...more });

describe('what a request carries', () => {
  it('merges path, body and If-Match', () => {
    expect(inputOf(tickets.update, carried({ params: { id: ID }, body: { priority: 'high' }, headers: { 'if-match': '"v7"' } }))).toEqual({ id: ID, priority: 'high', ifMatch: 7 });
  });

  it('takes the query of a list, and the header Origin where a contract names it', () => {
    expect(inputOf(access.listUsers, carried({ query: { limit: '5' } }))).toEqual({ limit: '5' });
    expect(inputOf(webchat.config, carried({ params: { widgetKey: 'w' }, headers: { origin: 'https://shop.example' } }))).toEqual({ widgetKey: 'w', origin: 'https://shop.example' });
  });

  it.each<{ contract: Request; request: object; code: string; pointer: string | undefined }>`
    what                              | contract             | request                                                               | code                   | pointer
    ${'no If-Match'}                  | ${tickets.close}     | ${{ params: { id: ID } }}                                             | ${'VERSION_MISSING'}   | ${undefined}
    ${'a weak ETag'}                  | ${tickets.close}     | ${{ params: { id: ID }, headers: { 'if-match': 'W/"v7"' } }}          | ${'VALIDATION_FAILED'} | ${'/ifMatch'}
    ${'a bare number'}                | ${tickets.close}     | ${{ params: { id: ID }, headers: { 'if-match': '7' } }}               | ${'VALIDATION_FAILED'} | ${'/ifMatch'}
    ${'any version (*)'}              | ${tickets.close}     | ${{ params: { id: ID }, headers: { 'if-match': '*' } }}               | ${'VALIDATION_FAILED'} | ${'/ifMatch'}
    ${'a version in the body'}        | ${tickets.close}     | ${{ params: { id: ID }, body: { ifMatch: 7 } }}                       | ${'VALIDATION_FAILED'} | ${'/ifMatch'}
    ${'an id in the body'}            | ${tickets.update}    | ${{ params: { id: ID }, body: { id: ID } }}                           | ${'VALIDATION_FAILED'} | ${'/id'}
    ${'a password in the query'}      | ${access.login}      | ${{ query: { password: 'fake' }, body: { email: 'a@shop.example' } }} | ${'VALIDATION_FAILED'} | ${'/password'}
    ${'a body on a list'}             | ${access.listUsers}  | ${{ body: { limit: 5 } }}                                             | ${'VALIDATION_FAILED'} | ${'/limit'}
    ${'a body that is a list'}        | ${access.createUser} | ${{ body: [] }}                                                       | ${'VALIDATION_FAILED'} | ${''}
    ${'a body that is text'}          | ${access.createUser} | ${{ body: 'text' }}                                                   | ${'VALIDATION_FAILED'} | ${''}
    ${'an origin that claims itself'} | ${webchat.config}    | ${{ params: { widgetKey: 'w' }, query: { origin: 'x' } }}             | ${'VALIDATION_FAILED'} | ${'/origin'}
  `('refuses $what', ({ contract, request, code, pointer }) => {
    const refusal = (() => { try { inputOf(contract, carried(request)); return null; } catch (error) { return error; } })();
    expect(refusal).toMatchObject({ code, ...(pointer !== undefined && { more: { errors: [expect.objectContaining({ pointer })] } }) });
  });

  it('does not ask If-Match of what needs none', () => {
    expect(inputOf(tickets.markRead, carried({ params: { id: ID } }))).toEqual({ id: ID });
  });
});
