import { relative } from 'node:path';
import { DEMO } from '../demo/account.js';
import type { Seeded } from '../demo/seed.js';
import type { StandInsAt } from './running.js';

/** What is said when everything runs. */
export interface Welcome {
  gatewayUrls: string[];
  smtpPorts: number[];
  standIns?: StandInsAt;
  demo: Seeded;
  folder: string;
}

/** Where to go, how to sign in, and a first curl. */
export function welcome({ gatewayUrls, smtpPorts, standIns, demo, folder }: Welcome): string {
  const [url = ''] = gatewayUrls;
  const { webchat, email, sms, whatsapp, instagram } = demo.channels;
  const signIn = JSON.stringify({ email: DEMO.owner.email, password: DEMO.owner.password });
  return `
Parley is running.

  API         ${gatewayUrls.join('  ')}
  Reference   ${url}/docs  ·  ${url}/openapi.json
  Mail in     SMTP on 127.0.0.1:${smtpPorts.join(', ')}, for ${email.forwardingAddress ?? ''}
  SMS in      ${sms.webhookUrl ?? ''}
  Meta in     ${whatsapp.webhookUrl ?? ''}  (WhatsApp)
              ${instagram.webhookUrl ?? ''}  (Instagram)
  Web chat    widget key ${webchat.widgetKey ?? ''}
${standIns ? `  Outside     ${standIns.pageUrl} shows what customers have got\n` : ''}
  Sign in     ${DEMO.owner.email}  /  ${DEMO.owner.password}     (owner)
              ${DEMO.agent.email}  /  ${DEMO.agent.password}     (agent)

  First steps:

    TOKEN=$(curl -s ${url}/v1/auth/login -H 'content-type: application/json' \\
      -d '${signIn}' | node -pe 'JSON.parse(fs.readFileSync(0)).accessToken')
    curl -s ${url}/v1/tickets -H "authorization: Bearer $TOKEN"

  In another terminal, \`npm run demo\` plays a working day through these doors.
  Logs and data: ${relative(process.cwd(), folder) || folder}. Ctrl-C stops everything and keeps the data.
`;
}
