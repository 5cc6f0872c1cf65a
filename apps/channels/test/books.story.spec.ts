import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { channels } from '@parley/contracts/channels';
import { messageEvents } from '@parley/contracts/messages';
import { reconciliation } from '@parley/contracts/reconciliation';
import { newId } from '@parley/service/ids';
import { type SmsDesk, smsDesk } from './sms-desk.js';

describe('the books of both directions', () => {
  let desk: SmsDesk;
  beforeAll(async () => {
    desk = await smsDesk();
  });
  afterAll(() => desk?.close());

  const unmatched = async (limit = 100) => (await desk.here.ask(reconciliation.unmatched, { id: desk.channel.id, limit })).items;

  it('OPS-6 TKT-8 a callback for a message that is none of ours is listed after ten minutes, and counted beside the sums', async () => {
    await desk.post(desk.status('SM11111111111111111111111111111111', 'undelivered', { ErrorCode: '30003', ErrorMessage: 'Off' }));
    expect(await unmatched()).toEqual([]);
    expect((await desk.books()).unmatched).toBe(0);
    await desk.here.advance(601);
    expect(await unmatched()).toMatchObject([{ providerMessageId: 'SM11111111111111111111111111111111', state: 'failed', failure: { code: '30003', reason: 'Off' } }]);
    const books = await desk.books();
    expect([books.unmatched, books.balanced, books.outbound]).toEqual([1, true, { delivered: 0, failed: 0, pending: 0 }]);
  });

  it('TKT-8 one that comes before we know its message leaves the list when we do', async () => {
    const sid = 'SM22222222222222222222222222222222';
    await desk.post(desk.status(sid, 'delivered'));
    await desk.here.advance(1300);
    expect((await unmatched()).map(({ providerMessageId }) => providerMessageId)).toContain(sid);
    desk.twilio.answers.push({ status: 201, body: { sid, status: 'queued' } });
    await desk.reply('Late to the books');
    await desk.here.until(async () => (await desk.books()).outbound.delivered === 1, 'the message to be delivered');
    expect((await unmatched()).map(({ providerMessageId }) => providerMessageId)).not.toContain(sid);
  });

  it('OPS-6 the list is read in pages, newest first', async () => {
    for (const n of [3, 4, 5]) await desk.post(desk.status(`SM${String(n).repeat(32)}`, 'delivered'));
    await desk.here.advance(2000);
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await desk.here.ask(reconciliation.unmatched, { id: desk.channel.id, limit: 2, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ providerMessageId }) => providerMessageId));
      if (!page.nextCursor) break;
      cursor = page.nextCursor;
    }
    expect(seen.map((sid) => sid[2])).toEqual(['5', '4', '3', '1']);
    for (const cursor of ['nonsense', Buffer.from('["x","y","z"]').toString('base64url')]) {
      await expect(desk.here.ask(reconciliation.unmatched, { id: desk.channel.id, cursor })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    }
    await expect(desk.here.ask(reconciliation.unmatched, { id: desk.channel.id }, desk.here.actor({ account: newId() }))).rejects.toMatchObject({ code: 'CHANNEL_NOT_FOUND' });
  });

  it('OPS-6 an answer in a chat stands in the outbound books: delivered once the visitor could see it, failed where a closed chat hides it', async () => {
    const { id: channelId } = await desk.here.ask(channels.create, { type: 'webchat', name: 'Chat', credentials: { identitySecret: 'not-a-real-secret-0123456789-0123456789' } });
    const at = await desk.here.tx(async (tx) => tx.at);
    const books = async () => (await desk.here.ask(channels.books, { channelId, day: at.toISOString().slice(0, 10) })).outbound;
    const chat = async (state: { open: boolean; online: boolean; readSeq?: number }) => {
      const sessionId = newId();
      await desk.here.tx((tx) => tx.sql(
        `INSERT INTO chat_session (account_id, id, channel_id, visitor, open, ended_by, partition, read_seq, online, since, created_at) VALUES ($1, $2::uuid, $3, $2::uuid::text, $4, $5, 0, $6, $7, $8, $8)`,
        [desk.here.account, sessionId, channelId, state.open, state.open ? null : 'visitor', state.readSeq ?? 0, state.online, new Date(at.getTime() - 60_000)]));
      return sessionId;
    };
    const answered = async (sessionId: string, seq: number) => {
      const [id, ticketId, said] = [newId(), newId(), at.toISOString()];
      const to = { type: 'visitor' as const, value: 'vic', verified: true };
      await desk.here.say(messageEvents.sent, {
        key: ticketId, ticket: ticketId,
        data: {
          message: { id, ticketId, seq, direction: 'outbound', author: { type: 'agent', id: newId(), name: 'Anna' }, text: 'Hi', html: null, truncated: false, attachments: [], keyword: null, automatic: null, note: null, delivery: { state: 'queued', failure: null }, occurredAt: said, receivedAt: said, readAt: null },
          ticket: { id: ticketId, number: 1, channel: 'webchat', channelId, profile: { id: newId(), name: null }, subject: null, status: 'open', snoozedUntil: null, assigneeId: null, teamId: null, tags: [], priority: 'normal', spam: false, unread: true, preview: null, lastSeq: seq, lastMessageAt: said, waitingSince: null, createdAt: said, firstResponseAt: null, closedAt: null, language: null, attribution: null, version: 1 },
          route: { channelId, channel: 'webchat', to, toName: null, sessionId, threadId: null, subject: null },
        },
      });
      await desk.here.heard();
    };
    await answered(await chat({ open: true, online: true }), 2);
    await answered(await chat({ open: true, online: false, readSeq: 5 }), 2);
    const away = await chat({ open: true, online: false });
    await answered(away, 2);
    await answered(await chat({ open: false, online: false }), 2);
    expect(await books()).toEqual({ delivered: 2, failed: 1, pending: 1 });
    await desk.here.tx((tx) => tx.sql('UPDATE chat_session SET online = true WHERE id = $1', [away]));
    expect(await books()).toEqual({ delivered: 3, failed: 1, pending: 0 });
  });
});
