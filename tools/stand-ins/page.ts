import type { Received, ReceivedMail, ReceivedMeta, ReceivedSms } from './received.js';

const STYLE = `
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
  body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
  h1 { font-size: 1.3rem } h2 { font-size: 1.05rem; margin-top: 2rem }
  article { border: 1px solid #8884; border-radius: .6rem; padding: .6rem .9rem; margin: .6rem 0 }
  header { display: flex; gap: .8rem; justify-content: space-between; opacity: .7; font-size: .85rem }
  p { margin: .3rem 0; white-space: pre-wrap; overflow-wrap: anywhere }
  iframe { width: 100%; height: 22rem; border: 0; background: #fff; border-radius: .4rem }
  summary { cursor: pointer; opacity: .7; font-size: .85rem }
`;

/** What customers have got, newest first: the last fifty text messages and mails, as a page without scripts. */
export function page({ sms, mails, meta }: Received): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5"><title>What customers have got</title><style>${STYLE}</style>
<h1>What customers have got</h1>
<p>These stand-ins play Twilio, Meta and the mail servers of the world: nothing left this machine. <a href="/api/received">As JSON</a></p>
${section('Mail', mails.slice(-50).reverse().map(mail))}${section('Text messages', sms.slice(-50).reverse().map(text))}${section('WhatsApp and Instagram', meta.slice(-50).reverse().map(direct))}</html>`;
}

const section = (title: string, articles: string[]) => `<h2>${title}</h2>${articles.join('') || '<p>Nothing yet.</p>'}`;

const text = ({ to, from, messagingServiceSid, status, at, body }: ReceivedSms) => article(`${from ?? messagingServiceSid} → ${to}`, `${status}, ${time(at)}`, `<p>${escape(body)}</p>`);

const direct = ({ door, to, text: words, template, file, tag, status, at }: ReceivedMeta) =>
  article(`${door} → ${to}`, [tag, status, time(at)].filter(Boolean).join(', '), `<p>${escape([words, template && JSON.stringify(template), file].filter(Boolean).join('\n'))}</p>`);

function mail({ headers, envelope, subject, text: plain, html, at }: ReceivedMail): string {
  const shown = html ? `<details><summary>HTML</summary><iframe sandbox srcdoc="${escape(html)}"></iframe></details>` : '';
  return article(`${headers.from ?? envelope.from} → ${envelope.to.join(', ')}`, time(at), `<p><b>${escape(subject)}</b></p><p>${escape(plain)}</p>${shown}`);
}

const article = (who: string, when: string, body: string) => `<article><header><span>${escape(who)}</span><span>${escape(when)}</span></header>${body}</article>`;
const time = (at: number) => `${new Date(at).toISOString().slice(11, 19)} UTC`;
const escape = (value: string) => value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
