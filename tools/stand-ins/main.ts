// The outside world as a process: node tools/dist/stand-ins/main.js. Ports by TWILIO_PORT, SMTP_SINK_PORT, GRAPH_PORT, IMAP_PORT, TELNYX_PORT, MEDIA_PORT and STAND_INS_PORT (0 or
// left out: any free one), HOST, and TWILIO_AUTH_TOKEN for what its accounts sign in with. Prints one line of JSON when it listens.
import { startStandIns } from './stand-ins.js';

const { TWILIO_PORT, SMTP_SINK_PORT, GRAPH_PORT, IMAP_PORT, TELNYX_PORT, MEDIA_PORT, STAND_INS_PORT, HOST, TWILIO_AUTH_TOKEN } = process.env;
const ports = { twilio: Number(TWILIO_PORT ?? 0), smtp: Number(SMTP_SINK_PORT ?? 0), page: Number(STAND_INS_PORT ?? 0), graph: Number(GRAPH_PORT ?? 0), imap: Number(IMAP_PORT ?? 0), telnyx: Number(TELNYX_PORT ?? 0), media: Number(MEDIA_PORT ?? 0) };
const { twilioUrl, telnyxUrl, smtpUrl, imapUrl, graphUrl, mediaUrl, pageUrl, close } = await startStandIns({ ports, ...(HOST && { host: HOST }), ...(TWILIO_AUTH_TOKEN && { authToken: TWILIO_AUTH_TOKEN }) });
console.log(JSON.stringify({ msg: 'ready', twilioUrl, telnyxUrl, smtpUrl, imapUrl, graphUrl, mediaUrl, pageUrl, pid: process.pid }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close().then(() => process.exit(0)));
