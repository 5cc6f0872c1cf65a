import { Injectable } from '@nestjs/common';
import type { MessageTemplate } from '@parley/contracts/channels';
import { ContractError } from '@parley/contracts/errors';
import type { Data } from '@parley/contracts/events';
import { templateEvents } from '@parley/contracts/templates';
import { Hears } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { filled, isFitForTemplate } from './template.rules.js';

/** The templates that can be sent (TKT-11): known from channels, filled here. */
@Injectable()
export class TemplatesService {
  @Hears(templateEvents.listed, 'remember-the-templates')
  async listed({ sql, by }: Tx, { channelId, templates }: Data<typeof templateEvents.listed>): Promise<void> {
    const rows = templates.filter(({ problem }) => problem === null).map(({ name, language, text, variables }) => ({ name, language, text, variables }));
    await sql('DELETE FROM message_template WHERE account_id = $1 AND channel_id = $2', [by.account, channelId]);
    await sql(
      `INSERT INTO message_template (account_id, channel_id, name, language, text, variables)
       SELECT $1, $2, t.name, t.language, t.text, t.variables FROM jsonb_to_recordset($3) t (name text, language text, text text, variables text[]) ON CONFLICT DO NOTHING`,
      [by.account, channelId, JSON.stringify(rows)],
    );
  }

  /** How the template reads with its variables. @throws ContractError TEMPLATE_NOT_FOUND, VALIDATION_FAILED where the variables do not fit its places */
  async fill({ sql, by }: Tx, channelId: string, { name, language, variables }: MessageTemplate): Promise<string> {
    const [template] = await sql<{ text: string; variables: string[] }>(
      'SELECT text, variables FROM message_template WHERE account_id = $1 AND channel_id = $2 AND name = $3 AND language = $4', [by.account, channelId, name, language],
    );
    if (!template) throw new ContractError('TEMPLATE_NOT_FOUND', `No template ${name} in ${language} can be sent by this channel`);
    const unfit = variables.findIndex((one) => !isFitForTemplate(one));
    if (unfit >= 0) throw refusal(`/template/variables/${unfit}`, 'holds a line break, a tab, many blanks, or nothing');
    if (variables.length !== template.variables.length) throw refusal('/template/variables', `must be ${template.variables.length}, one for each place`);
    return filled(template.text, template.variables, variables);
  }
}

const refusal = (pointer: string, message: string) => new ContractError('VALIDATION_FAILED', 'The variables do not fit the template', { errors: [{ pointer, message }] });
