// npm run demo: a working day at the demo account of a running system (npm start), through the doors that customers and agents use.
// Addresses come from .parley/running.json, or from PARLEY_URL, PARLEY_SMTP_PORT and PARLEY_STAND_INS (URL of their page).
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRunning } from '../launcher/running.js';
import { chatAct } from './act-chat.js';
import { clockAct } from './act-clock.js';
import { directAct } from './act-direct.js';
import { mailAct } from './act-mail.js';
import { reportAct } from './act-report.js';
import { textsAct } from './act-texts.js';
import { script } from './script.js';
import { setStage, type Doors, type Stage } from './stage.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const began = performance.now();
let stage: Stage | undefined;
try {
  const doors = findDoors();
  console.log(`A day at Harbour Teas, played at ${doors.gatewayUrl}. What customers get is shown at ${doors.standIns.pageUrl}`);
  stage = await setStage(doors);
  await mailAct(stage);
  const texts = await textsAct(stage);
  await directAct(stage);
  await chatAct(stage);
  await clockAct(stage, texts);
  await reportAct(stage);
  console.log(`\nAll of it came as it had to: ${script.checks()} checks in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
} catch (error) {
  script.failed((error as Error).message);
  process.exitCode = 1;
} finally {
  await stage?.live.close();
}

function findDoors(): Doors {
  const { PARLEY_URL, PARLEY_SMTP_PORT, PARLEY_STAND_INS } = process.env;
  const running = findRunning(join(ROOT, '.parley'));
  const gatewayUrl = PARLEY_URL ?? running?.gatewayUrls?.[0];
  const smtpPort = Number(PARLEY_SMTP_PORT ?? running?.smtpPorts?.[0]);
  const pageUrl = PARLEY_STAND_INS ?? running?.standIns?.pageUrl;
  if (!gatewayUrl || !smtpPort || !pageUrl) throw new Error('Nothing runs here yet: type npm start in another terminal, and come back when it says that Parley is running.');
  return { gatewayUrl, smtpPort, standIns: { pageUrl } };
}
