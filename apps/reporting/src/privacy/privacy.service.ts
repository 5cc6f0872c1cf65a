import { Injectable } from '@nestjs/common';
import { Privacy } from '@parley/service/privacy';
import { DataSource } from 'typeorm';
import { HOLDINGS } from './holdings.js';

/** This service's part in exports and erasures (PRO-6). */
@Injectable()
export class PrivacyService extends Privacy {
  constructor(db: DataSource) {
    super(db, HOLDINGS, ['event_log']);
  }
}
