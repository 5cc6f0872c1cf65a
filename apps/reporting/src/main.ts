import { run } from '@parley/service/service';
import { rebuild } from './facts/rebuild.command.js';
import { reportingApp } from './reporting.app.js';

await (process.argv.includes('--rebuild') ? rebuild() : run(reportingApp));
