import type { Reason, RoutingActions, RoutingConditions } from '@parley/contracts/assignment';
import type { ChannelType } from '@parley/contracts/channels';
import { wallClock } from './wall-clock.rules.js';

/** What rules look at. */
export type RoutingFacts = {
  channel: ChannelType;
  channelId: string | null;
  language: string | null;
  tags: readonly string[];
  segmentIds: readonly string[];
  /** Subject and what the customer wrote; it is looked at and never shown. */
  text: string;
  at: Date;
  zone: string;
};
/** A rule as far as it is asked. */
export type Askable = { conditions: RoutingConditions; actions: RoutingActions };
export type Asked<R> = { rule: R; holds: boolean; reasons: Reason[] };

type Finding = { found: unknown; holds: boolean };
type Wanted<C extends keyof RoutingConditions> = NonNullable<RoutingConditions[C]>;

/** RTE-2: each condition, and what it finds. */
const FINDS: { [C in keyof RoutingConditions]-?: (wanted: Wanted<C>, facts: RoutingFacts) => Finding } = {
  channels: (wanted, { channel }) => ({ found: channel, holds: wanted.includes(channel) }),
  channelIds: (wanted, { channelId }) => ({ found: channelId, holds: channelId !== null && wanted.includes(channelId) }),
  languages: (wanted, { language }) => ({ found: language, holds: language !== null && wanted.some((one) => speaks(language, one)) }),
  tags: (wanted, { tags }) => common(wanted, tags, (tag) => tag.trim().toLowerCase()),
  segmentIds: (wanted, { segmentIds }) => common(wanted, segmentIds, String),
  text: (wanted, { text }) => {
    const words = folded(text);
    const found = wanted.filter((phrase) => holdsPhrase(words, folded(phrase)));
    return { found, holds: found.length > 0 };
  },
  hours: ({ days, from, to }, { at, zone }) => {
    const { time, day, dayBefore } = wallClock(at, zone);
    const isOverMidnight = to <= from;
    const begun = isOverMidnight && time < to ? dayBefore : day;
    const isWithin = isOverMidnight ? time >= from || time < to : time >= from && time < to;
    return { found: { day, time }, holds: isWithin && (!days || days.includes(begun)) };
  },
};

/** Does the rule hold, and why? */
export function asks<R extends Askable>(rule: R, facts: RoutingFacts): Asked<R> {
  const reasons = (Object.keys(FINDS) as (keyof RoutingConditions)[]).flatMap((condition): Reason[] => {
    const wanted = rule.conditions[condition];
    if (wanted === undefined) return [];
    return [{ condition, wanted, ...(FINDS[condition] as (wanted: unknown, facts: RoutingFacts) => Finding)(wanted, facts) }];
  });
  return { rule, holds: reasons.every(({ holds }) => holds), reasons };
}

/** RTE-2: rules are asked in their order until one holds. Everything that was asked, the one that holds last. */
export function route<R extends Askable>(rules: readonly R[], facts: RoutingFacts): { match: R | null; asked: Asked<R>[] } {
  const asked: Asked<R>[] = [];
  for (const rule of rules) {
    const answer = asks(rule, facts);
    asked.push(answer);
    if (answer.holds) return { match: rule, asked };
  }
  return { match: null, asked };
}

function common(wanted: readonly string[], has: readonly string[], spelled: (one: string) => string): Finding {
  const held = new Set(has.map(spelled));
  const found = wanted.filter((one) => held.has(spelled(one)));
  return { found, holds: found.length > 0 };
}

const speaks = (language: string, wanted: string) => language.toLowerCase() === wanted.toLowerCase() || language.toLowerCase().startsWith(`${wanted.toLowerCase()}-`);

/** Words without case and accents, one blank between them and around. */
const folded = (text: string) => ` ${text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean).join(' ')} `;
/** Languages that put no blanks between words. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}]/u;
const holdsPhrase = (words: string, phrase: string) => phrase.trim() !== '' && words.includes(UNSPACED.test(phrase) ? phrase.trim() : phrase);
