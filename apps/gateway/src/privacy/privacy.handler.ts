import { Injectable } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import type { privacy } from '@parley/contracts/privacy';
import { ErasuresService } from './erasures.service.js';
import { ExportsService } from './exports.service.js';

/** Answers the `privacy` contracts. The gateway asks it directly: they are its own. */
@Injectable()
export class PrivacyHandler implements Answers<typeof privacy> {
  constructor(private readonly exports: ExportsService, private readonly erasures: ErasuresService) {}

  export(input: Input<typeof privacy.export>, by: Actor) { return this.exports.link(input, by); }
  erase(input: Input<typeof privacy.erase>, by: Actor) { return this.erasures.begin(input, by); }
  erasure(input: Input<typeof privacy.erasure>, by: Actor) { return this.erasures.get(input, by); }
}
