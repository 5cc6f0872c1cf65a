/** What the follow-up e-mail says, in one language. `{account}` stands for the name of the brand. */
export type Words = {
  subject: string;
  /** Above what the customer wrote in the recap. */
  you: string;
  button: string;
  expiry: string;
  reason: string;
  privacy: string;
  terms: string;
};

const WORDS: Record<string, Words> = {
  en: {
    subject: 'You have a new message from {account}', you: 'You', button: 'Continue the conversation', expiry: 'This link works for 72 hours.',
    reason: 'You receive this e-mail because {account} answered you in a chat.', privacy: 'Privacy', terms: 'Terms',
  },
  de: {
    subject: 'Sie haben eine neue Nachricht von {account}', you: 'Sie', button: 'Unterhaltung fortsetzen', expiry: 'Dieser Link gilt 72 Stunden.',
    reason: 'Sie erhalten diese E-Mail, weil {account} Ihnen in einem Chat geantwortet hat.', privacy: 'Datenschutz', terms: 'AGB',
  },
  fr: {
    subject: 'Vous avez un nouveau message de {account}', you: 'Vous', button: 'Poursuivre la conversation', expiry: 'Ce lien est valable 72 heures.',
    reason: 'Vous recevez cet e-mail car {account} vous a répondu dans un chat.', privacy: 'Confidentialité', terms: 'Conditions',
  },
  nl: {
    subject: 'Je hebt een nieuw bericht van {account}', you: 'Jij', button: 'Gesprek voortzetten', expiry: 'Deze link werkt 72 uur.',
    reason: 'Je ontvangt deze e-mail omdat {account} je in een chat heeft geantwoord.', privacy: 'Privacy', terms: 'Voorwaarden',
  },
  sv: {
    subject: 'Du har ett nytt meddelande från {account}', you: 'Du', button: 'Fortsätt samtalet', expiry: 'Länken gäller i 72 timmar.',
    reason: 'Du får det här mejlet eftersom {account} har svarat dig i en chatt.', privacy: 'Integritet', terms: 'Villkor',
  },
  pt: {
    subject: 'Tem uma nova mensagem de {account}', you: 'Você', button: 'Continuar a conversa', expiry: 'Este link é válido por 72 horas.',
    reason: 'Recebe este e-mail porque {account} lhe respondeu num chat.', privacy: 'Privacidade', terms: 'Termos',
  },
  es: {
    subject: 'Tienes un nuevo mensaje de {account}', you: 'Tú', button: 'Continuar la conversación', expiry: 'Este enlace funciona durante 72 horas.',
    reason: 'Recibes este correo porque {account} te ha respondido en un chat.', privacy: 'Privacidad', terms: 'Condiciones',
  },
};

/** The languages there are. */
export const LANGUAGES = Object.keys(WORDS);

/** Words for a BCP 47 tag: by its language, English where there are none; with the brand's name in its places. */
export function wordsFor(locale: string, account: string): Words & { language: string } {
  const language = LANGUAGES.find((known) => known === locale.split('-')[0]?.toLowerCase()) ?? 'en';
  const filled = Object.entries(WORDS[language]!).map(([name, text]) => [name, text.replaceAll('{account}', () => account)]);
  return { ...(Object.fromEntries(filled) as Words), language };
}
