import type { Failure, Receipt, RefusalClass } from '../adapter.js';
import { type Fields, fields, idIn, words } from './json.rules.js';

/**
 * What we make of an error of the Graph API, by `code` or `code/subcode`; the words shown are Meta's own.
 * https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
 * https://developers.facebook.com/docs/messenger-platform/error-codes
 */
export const GRAPH_ERRORS: ReadonlyMap<string, RefusalClass> = new Map(Object.entries({
  0: 'auth', // no longer signed in
  3: 'auth', // the app may not do this
  10: 'auth', // permission missing
  '10/2018278': 'window',
  '10/2534022': 'window', // Instagram: outside of the allowed window
  100: 'permanent',
  '100/2534014': 'address', // Instagram: no such person
  190: 'auth', // the token has expired or was withdrawn
  368: 'auth', // blocked for breaking rules
  551: 'address', // this person is not available
  130472: 'permanent', // held back: an experiment of Meta's
  131005: 'auth',
  131008: 'content',
  131009: 'content',
  131021: 'address', // to ourselves
  131026: 'address', // no WhatsApp, too old, terms not accepted
  131030: 'config', // a test number, and not among its recipients
  131031: 'auth', // account locked
  131037: 'config', // display name not approved
  131042: 'config', // payment
  131045: 'config', // number not registered
  131047: 'window', // 24 hours are over
  131049: 'permanent', // held back: too much marketing
  131050: 'consent', // wants no marketing
  131051: 'content',
  131052: 'content',
  131053: 'content',
  132000: 'config', // templates: wrong number of variables, missing, too long, paused, disabled, …
  132001: 'config',
  132005: 'config',
  132007: 'config',
  132012: 'config',
  132015: 'config',
  132016: 'config',
  133010: 'auth', // number not registered
} as const));

/** Nothing was taken, and later it may be: the least seconds to wait. */
export const GRAPH_LATER: ReadonlyMap<string, number> = new Map(Object.entries({
  2: 5, // down
  4: 60, // the app asks too often
  17: 60,
  32: 60,
  613: 60,
  80002: 60,
  80006: 60,
  80007: 60,
  130429: 30,
  131016: 30, // service overloaded
  131048: 300, // held to be spam
  131056: 6, // too many to one person
  131057: 300, // maintenance
  133004: 30,
}));

export type GraphError = Failure & { class: RefusalClass; laterSeconds: number | null };

export const refusalOf = ({ code, reason, class: kind }: GraphError): Extract<Receipt, { outcome: 'refused' }> => ({ outcome: 'refused', failure: { code, reason }, class: kind });

/** An `error` of an answer, or one of the `errors` of a webhook. `otherwise`: what is said where Meta says nothing. */
export function graphError(error: Fields, otherwise: string): GraphError {
  const code = idIn(error.code)?.slice(0, 40) ?? 'unknown';
  const told = [fields(error.error_data).details, error.error_user_msg, error.message, error.title].map((one) => words(one, 1000));
  return { code, reason: told.find((one) => one !== null) ?? otherwise, class: classOf(code, idIn(error.error_subcode)), laterSeconds: GRAPH_LATER.get(code) ?? null };
}

const classOf = (code: string, subcode: string | null): RefusalClass => GRAPH_ERRORS.get(`${code}/${subcode}`) ?? GRAPH_ERRORS.get(code) ?? (/^2\d\d$/.test(code) ? 'auth' : 'permanent');
