import { describe, expect, it } from '@jest/globals';
import { SettingsArea } from '@parley/contracts/settings';
import { changed, inForce } from './change.rules.js';

const faultsOf = (area: SettingsArea, values: object) => {
  try {
    changed(area, {}, values);
    return [];
  } catch (error) {
    return (error as { more: { errors: { pointer: string }[] } }).more.errors.map(({ pointer }) => pointer);
  }
};

describe('settings', () => {
  it.each(SettingsArea.options)('every value of %s has a default', (area) => {
    expect(() => inForce(area, {})).not.toThrow();
  });

  it('only the named values change', () => {
    const once = changed('follow-up', {}, { delaySeconds: 60 });
    expect(changed('follow-up', once, { enabled: false })).toMatchObject({ delaySeconds: 60, enabled: false, replyTo: null });
  });

  it.each<{ area: SettingsArea; values: object; pointers: string[] }>`
    area            | values                                                       | pointers
    ${'follow-up'}  | ${{ delaySeconds: 9 }}                                       | ${['/values/delaySeconds']}
    ${'follow-up'}  | ${{ delaySeconds: 'soon', from: 'nobody' }}                  | ${['/values/delaySeconds', '/values/from']}
    ${'follow-up'}  | ${{ delay: 60 }}                                             | ${['/values/delay']}
    ${'auto-close'} | ${{ channels: { sms: { afterSeconds: 599 } } }}              | ${['/values/channels/sms/afterSeconds']}
    ${'auto-close'} | ${{ channels: { sms: { afterSeconds: 999 * 86_400 + 1 } } }} | ${['/values/channels/sms/afterSeconds']}
    ${'auto-close'} | ${{ channels: { sms: { afterSeconds: 600 } } }}              | ${[]}
    ${'auto-close'} | ${{ channels: { sms: { afterSeconds: 999 * 86_400 } } }}     | ${[]}
  `('TIME-1, TIME-3 $area refuses $values at $pointers', ({ area, values, pointers }) => {
    expect(faultsOf(area, values)).toEqual(pointers);
  });

  it.each<{ values: object; pointers: string[] }>`
    values                                                                                                          | pointers
    ${{ notifyOn: 'new_tickets' }}                                                                                  | ${['/values/recipients']}
    ${{ notifyOn: 'every_message', recipients: [] }}                                                                | ${['/values/recipients']}
    ${{ notifyOn: 'every_message', recipients: ['nobody'] }}                                                        | ${['/values/recipients/0']}
    ${{ notifyOn: 'every_message', recipients: ['desk@shop.example'] }}                                             | ${[]}
    ${{ notifyOn: 'new_tickets', recipients: Array.from({ length: 1000 }, (_, n) => `desk${n}@shop.example`) }} | ${[]}
    ${{ notifyOn: 'nothing' }}                                                                                      | ${[]}
  `('NTF-1 at least one recipient when on, any number: refuses at $pointers', ({ values, pointers }) => {
    expect(faultsOf('notifications', values)).toEqual(pointers);
  });

  it('NTF-1 nobody is mailed unless somebody wants it', () => {
    expect(inForce('notifications', {})).toEqual({ notifyOn: 'nothing', recipients: [], mentions: true, from: null });
  });
});
