import type { Keyword } from '@parley/contracts/channels';
import type { KeywordSettings } from '@parley/contracts/texting';
import type { Match } from './keyword.rules.js';

type Own = Partial<KeywordSettings>;

/** What is answered where the account has no words of its own; `{brand}`: its name. */
const STANDARD: Readonly<Record<string, Readonly<Record<Keyword, string>>>> = {
  en: {
    stop: '{brand}: you are unsubscribed and will get no more messages. Reply START to subscribe again.',
    start: '{brand}: you are subscribed again. Reply HELP for help, STOP to unsubscribe.',
    help: '{brand}: reply STOP to unsubscribe, START to subscribe again. Message and data rates may apply.',
    join: '{brand}: thank you for joining. Reply HELP for help, STOP to unsubscribe.',
  },
  fr: {
    stop: '{brand} : vous êtes désabonné et ne recevrez plus de messages. Répondez START pour vous réabonner.',
    start: '{brand} : vous êtes de nouveau abonné. Répondez AIDE pour de l’aide, STOP pour vous désabonner.',
    help: '{brand} : répondez STOP pour vous désabonner, START pour vous réabonner.',
    join: '{brand} : merci de votre inscription. Répondez AIDE pour de l’aide, STOP pour vous désabonner.',
  },
  de: {
    stop: '{brand}: Sie sind abgemeldet und erhalten keine Nachrichten mehr. Mit START melden Sie sich wieder an.',
    start: '{brand}: Sie sind wieder angemeldet. HILFE für Hilfe, STOP zum Abmelden.',
    help: '{brand}: STOP zum Abmelden, START zum Anmelden.',
    join: '{brand}: Danke für Ihre Anmeldung. HILFE für Hilfe, STOP zum Abmelden.',
  },
  es: {
    stop: '{brand}: su suscripción está cancelada y no recibirá más mensajes. Responda START para volver a suscribirse.',
    start: '{brand}: está suscrito de nuevo. Responda AYUDA para obtener ayuda, STOP para cancelar.',
    help: '{brand}: responda STOP para cancelar, START para volver a suscribirse.',
    join: '{brand}: gracias por suscribirse. Responda AYUDA para obtener ayuda, STOP para cancelar.',
  },
};

const FIELDS = { stop: 'stopText', start: 'startText', help: 'helpText', join: 'joinText' } as const;

/** The account's words in the language of the keyword, its words of no language, or the standard ones. */
export function answerTo({ keyword, language }: Match, own: Own, brand: string): string {
  const [field, spoken] = [FIELDS[keyword], language ?? 'en'];
  const chosen = own.languages?.[spoken]?.[field] ?? (language === null || language === 'en' || !STANDARD[language] ? own[field] : null) ?? null;
  return chosen ?? (STANDARD[spoken] ?? STANDARD['en']!)[keyword].replace('{brand}', () => brand);
}

/** Words that providers answer by themselves, in exactly this spelling. */
const KNOWN_TO: Readonly<Record<string, readonly string[]>> = {
  twilio: ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT', 'START', 'YES', 'UNSTOP', 'HELP', 'INFO'],
  telnyx: ['STOP', 'STOPALL', 'STOP ALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'START', 'UNSTOP', 'HELP'],
};

/** Has the provider answered? Only to what it knows itself: an own word of the account is no keyword to it. */
export const isAnsweredBy = (provider: string, text: string): boolean => KNOWN_TO[provider]?.includes(text.trim().toUpperCase()) ?? false;
