import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bounceIn, receiptIn } from './report.rules.js';

const dsn = (action: string, status: string, more = '') => [
  { contentType: 'message/delivery-status', body: `Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@b\r\nAction: ${action}\r\nStatus: ${status}\r\n${more}` },
  { contentType: 'message/rfc822', body: 'From: x@y\r\nMessage-ID:\r\n <parley.1@x>\r\nSubject: Hi\r\n\r\nMessage-ID: <not.this@x>' },
];

describe('bounces', () => {
  it('MAIL-4 a permanent failure tells its message, code and reason', () => {
    expect(bounceIn(dsn('failed', '5.1.1', 'Diagnostic-Code: smtp; 550 5.1.1\r\n User unknown\r\n'))).toEqual({
      messageIds: ['parley.1@x'], state: 'failed', failure: { code: '5.1.1', reason: '550 5.1.1 User unknown' },
    });
  });

  it.each(['delayed 4.4.1', 'failed 4.4.7', 'relayed 2.0.0', 'expanded 2.0.0', 'delayed 5.1.1', 'failed nonsense'])('MAIL-4 %s fails nothing', (line) => {
    const [action, status] = line.split(' ') as [string, string];
    expect(bounceIn(dsn(action, status))).toEqual({ messageIds: ['parley.1@x'], state: null, failure: null });
  });

  it('MAIL-4 TKT-8 a report of success is one', () => {
    expect(bounceIn(dsn('delivered', '2.0.0'))).toMatchObject({ messageIds: ['parley.1@x'], state: 'delivered' });
  });

  it('MAIL-4 the id may stand in the headers alone', () => {
    const parts = [dsn('Failed', '5.7.1')[0]!, { contentType: 'text/rfc822-headers', body: 'Message-ID: <parley.2@x>' }];
    expect(bounceIn(parts)).toMatchObject({ messageIds: ['parley.2@x'], failure: { reason: 'The receiving server refused it' } });
  });
});

describe('read receipts', () => {
  const mdn = (disposition: string) => [{ contentType: 'message/disposition-notification', body: `Original-Message-ID: <parley.3@x>\r\nDisposition: ${disposition}` }];

  it('MAIL-4 TKT-8 displayed is read; anything else is not', () => {
    expect(receiptIn(mdn('manual-action/MDN-sent-automatically; displayed'))).toEqual({ messageIds: ['parley.3@x'], state: 'read', failure: null });
    expect(receiptIn(mdn('automatic-action/MDN-sent-automatically; deleted'))).toEqual({ messageIds: ['parley.3@x'], state: null, failure: null });
    expect(receiptIn([])).toEqual({ messageIds: [], state: null, failure: null });
  });
});

it('no report throws, whatever stands in it', () => {
  const parts = fc.array(fc.record({ contentType: fc.constantFrom('message/delivery-status', 'message/rfc822', 'message/disposition-notification'), body: fc.string() }));
  fc.assert(fc.property(parts, (list) => void [bounceIn(list), receiptIn(list)]));
});
