import type { Channel } from '@parley/contracts/channels';
import { AutoResponder, KeywordSettings } from '@parley/contracts/texting';

type Settings = Channel['settings'];

const KEYWORDS = Object.keys(KeywordSettings.shape);
const pick = (settings: Settings, names: readonly string[]) => Object.fromEntries(names.flatMap((name) => (name in settings ? [[name, settings[name]]] : [])));

/** Channels that were connected before there was such a setting have its defaults, */
export const keywordsOf = (settings: Settings): KeywordSettings => KeywordSettings.parse(pick(settings, KEYWORDS));

/** but answer nobody by themselves before somebody has chosen it. */
export const autoResponderOf = (settings: Settings): AutoResponder => AutoResponder.parse(settings['autoResponder'] ?? { audience: 'off' });

/** What stays when the settings of a channel are replaced: the parts that have a place of their own in the API. */
export const partsOf = ({ type, settings }: Pick<Channel, 'type' | 'settings'>): Settings =>
  ({ ...pick(settings, KEYWORDS), ...(type === 'sms' && { autoResponder: autoResponderOf(settings) }) });
