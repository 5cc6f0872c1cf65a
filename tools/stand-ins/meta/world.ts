import type { Faults } from '../faults.js';
import type { Received } from '../received.js';

/** What every pretended Meta channel signs in with, and what signs its webhooks. No secrets. */
export const PRETEND_ACCESS_TOKEN = 'pretend-access-token-of-no-account';
export const PRETEND_APP_SECRET = 'pretend-app-secret-of-no-app';

/** Where webhooks of a number (WhatsApp) or a professional account (Instagram) go. */
export interface Subscription {
  object: 'whatsapp_business_account' | 'instagram';
  /** `phone_number_id`, or the id of the Instagram account. */
  id: string;
  webhookUrl: string;
  /** Where to connect, if not to webhookUrl. */
  through?: string;
}

/** What the pretended Meta shares with the rest of the outside world. */
export interface MetaWorld {
  received: Received;
  faults: Faults;
  keep: number;
  subscriptions: Subscription[];
  templates: object[];
}

/** Approved, refused and paused, with and without places for variables. */
export const TEMPLATES = [
  {
    id: '1', name: 'order_shipped', language: 'en_US', status: 'APPROVED', category: 'UTILITY', parameter_format: 'POSITIONAL',
    components: [{ type: 'BODY', text: 'Hello {{1}}, your order {{2}} is on its way.', example: { body_text: [['Kim', '1042']] } }, { type: 'FOOTER', text: 'Harbour Teas' }],
  },
  { id: '2', name: 'may_we_help', language: 'en_US', status: 'APPROVED', category: 'UTILITY', components: [{ type: 'BODY', text: 'You wrote to us some days ago. May we still help?' }, { type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'Yes, please' }] }] },
  { id: '3', name: 'spring_sale', language: 'en_US', status: 'REJECTED', category: 'MARKETING', components: [{ type: 'BODY', text: 'Everything must go!' }] },
  { id: '4', name: 'with_picture', language: 'en_US', status: 'APPROVED', category: 'MARKETING', components: [{ type: 'HEADER', format: 'IMAGE' }, { type: 'BODY', text: 'Look at this.' }] },
];
