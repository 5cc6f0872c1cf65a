import { createHash } from 'node:crypto';
import { hostsOf, wordsOf, type SpamScore } from './spam.rules.js';

/** How often a word stood in tickets that people called spam, and in those they called none. */
export type Counts = { spam: number; ham: number };
export type Token = { token: string; counts: Counts };

/** Of one message, so many different words count. */
const MOST_TOKENS = 200;
/** The surest words decide (P. Graham, A Plan for Spam, 2002). */
const DECIDING = 15;
/** Nothing is believed of a filter that has seen fewer tickets of either kind. */
export const LEAST_SAMPLES = 5;
/** Grows with every change of the formula. */
export const FILTER_VERSION = 1;

/** What a filter remembers of a text: its different words and hosts, as numbers that only this account has for them. As decimal strings: they fill 63 bits. */
export function tokensOf(account: string, text: string): string[] {
  const parts = new Set([...wordsOf(text), ...hostsOf(text).map((host) => `host:${host}`)]);
  return [...parts].slice(0, MOST_TOKENS).map((part) => (createHash('sha256').update(`${account}/${part}`).digest().readBigUInt64BE() >> 1n).toString());
}

export const isTrained = (samples: Counts) => samples.spam >= LEAST_SAMPLES && samples.ham >= LEAST_SAMPLES;

/**
 * Naive Bayes with equal priors: of each word (s + p/2)/(n + p) with p = 1 as the strength of believing nothing (G. Robinson, 2003), where s and n are
 * its shares among spam and among both; the 15 words farthest from ½ together, in log odds.
 */
export function probability(tokens: readonly Token[], samples: Counts): number {
  const odds = tokens.map(({ counts }) => {
    const [spam, ham] = [counts.spam / samples.spam, counts.ham / samples.ham];
    const seen = counts.spam + counts.ham;
    const share = spam + ham === 0 ? 0.5 : spam / (spam + ham);
    return logit((0.5 + seen * share) / (1 + seen));
  });
  const surest = odds.sort((a, b) => Math.abs(b) - Math.abs(a)).slice(0, DECIDING);
  return 1 / (1 + Math.exp(-surest.reduce((sum, one) => sum + one, 0)));
}

/** What signs say and what was learnt, as two witnesses who know nothing of each other: log odds add up. What signs do not speak of counts as ½. */
export function learnt({ score, reasons }: SpamScore, probabilityOfSpam: number): SpamScore {
  const together = logit(bounded(0.5 + score / 2)) + logit(bounded(probabilityOfSpam));
  const value = 1 / (1 + Math.exp(-together));
  return { score: Math.round(value * 1000) / 1000, reasons: [...reasons, { reason: 'learnt', weight: Math.round(probabilityOfSpam * 1000) / 1000 }] };
}

const bounded = (value: number) => Math.min(0.99, Math.max(0.01, value));
const logit = (value: number) => Math.log(value / (1 - value));
