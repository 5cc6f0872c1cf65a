import { settings } from '@parley/contracts/settings';
import { tickets } from '@parley/contracts/tickets';
import { messages } from '@parley/contracts/messages';
import { DEMO } from './account.js';
import { script } from './script.js';
import { advance, shown, type Stage } from './stage.js';

/** Snoozed tickets wake up, and answered ones close by themselves, once their time has come. */
export async function clockAct(stage: Stage, ticketId: string): Promise<void> {
  script.act('Later that day');
  const before = await stage.agent(tickets.get, { id: ticketId });
  script.does(`${DEMO.agent.name} snoozes #${before.number} until later today`);
  const snoozed = await stage.agent(tickets.snooze, { id: ticketId, ifMatch: before.version, preset: 'later_today' });
  script.came(`it sleeps until ${snoozed.snoozedUntil}`);
  script.does('three hours pass');
  await advance(stage, 3 * 3600 + 1);
  await shown(stage, 'ticket.woken', ticketId);
  script.came('it is open again, and unread');

  script.does('the owner lets answered text conversations close after ten minutes');
  const change = async (rule: { afterSeconds: number } | undefined) => {
    const { values, version } = await stage.owner(settings.get, { area: 'auto-close' });
    const { sms: _sms, ...channels } = values['channels'] as Record<string, unknown>;
    await stage.owner(settings.update, { area: 'auto-close', ifMatch: version, values: { channels: rule ? { ...channels, sms: rule } : channels } });
  };
  await change({ afterSeconds: 600 });
  try {
    await stage.agent(messages.reply, { id: ticketId, text: `Anything else? Otherwise I close this. (${stage.run})` });
    await shown(stage, 'auto_close.scheduled', ticketId);
    script.does('ten minutes pass without an answer');
    const asleep = stage.live.all.length;
    await advance(stage, 601);
    const { actor } = await shown(stage, 'ticket.closed', ticketId, asleep);
    if (actor.type !== 'automation') throw new Error(`#${before.number} was closed by ${actor.type}`);
    script.came(`#${before.number} has closed by itself`);
  } finally {
    await change(undefined);
  }
}
