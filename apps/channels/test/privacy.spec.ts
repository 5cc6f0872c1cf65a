import { knowsWhatItHolds } from '@parley/service/testing/privacy';
import { channelsApp } from '../src/channels.app.js';
import { HOLDINGS } from '../src/privacy/holdings.js';

knowsWhatItHolds(channelsApp, HOLDINGS);
