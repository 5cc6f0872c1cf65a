import { Injectable } from '@nestjs/common';
import type { chatSetup, Faq } from '@parley/contracts/chat-setup';
import type { Actor, Input, Output } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { webchat } from '@parley/contracts/webchat';
import { newId } from '@parley/service/ids';
import { type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { BrandRepository } from './brand.repository.js';
import { type Chat, ChatsRepository } from './chats.repository.js';
import { type FaqRead, FaqReadsRepository } from './faq-reads.repository.js';
import { inLanguage } from './languages.rules.js';
import { SetupService, type Standing } from './setup.service.js';

/** So many are shown with one message. */
const SHOWN_AT_ONCE = 20;
type WrittenFaq = Input<typeof chatSetup.setFaqs>['items'][number];

/** Questions and answers of a web chat (CHAT-3): written by staff, read by visitors without a ticket, and what was read is shown with their next message. */
@Injectable()
export class FaqsService {
  constructor(
    private readonly db: DataSource,
    private readonly setup: SetupService,
    private readonly chats: ChatsRepository,
    private readonly reads: FaqReadsRepository,
    private readonly brands: BrandRepository,
  ) {}

  list({ id }: Input<typeof chatSetup.faqs>, by: Actor) {
    return this.setup.show(by, id, 'faqs', show);
  }

  /** @throws ContractError FAQ_NOT_FOUND, VALIDATION_FAILED where an id stands twice */
  replace({ id, ifMatch, items }: Input<typeof chatSetup.setFaqs>, by: Actor) {
    return this.setup.replace(by, { id, ifMatch }, 'faqs', (before) => numbered(items, before), show);
  }

  /** What visitors may read, in the language they read. */
  async published(tx: Tx, channelId: string, wanted: (string | null | undefined)[]) {
    const { value } = await this.setup.read(tx, channelId, 'faqs');
    return value.filter(({ published }) => published).map(({ id, texts }) => ({ id, ...inLanguage(texts, wanted) }));
  }

  read({ faqId }: Input<typeof webchat.readFaq>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const chat = await this.chats.lock(tx, by.id ?? '');
      if (!chat?.open) throw new ContractError('CHAT_CLOSED', 'No such chat, or it has ended');
      if (!(await this.note(tx, chat, [faqId]))) throw new ContractError('FAQ_NOT_FOUND', `No question ${faqId} is published here`);
      return {};
    });
  }

  /** Remembers which answers the visitor has read; how many of them there are. What is not published was not read. */
  async note(tx: Tx, { id, channelId, locale }: Chat, faqIds: string[]): Promise<number> {
    if (!faqIds.length) return 0;
    const published = await this.published(tx, channelId, [locale, (await this.brands.find(tx))?.locale]);
    const found = published.filter((faq) => faqIds.includes(faq.id));
    await this.reads.keep(tx, id, found);
    return found.length;
  }

  /** What was read since the last message. */
  takeUntold(tx: Tx, sessionId: string): Promise<FaqRead[]> {
    return this.reads.takeUntold(tx, sessionId, SHOWN_AT_ONCE);
  }
}

const show = async (_tx: Tx, channelId: string, { value, version }: Standing<'faqs'>): Promise<Output<typeof chatSetup.faqs>> => ({ channelId, items: value, version });

/** Whoever had an id keeps it. */
function numbered(items: WrittenFaq[], before: Faq[]): Faq[] {
  const known = new Set(before.map(({ id }) => id));
  for (const [place, { id }] of items.entries()) {
    if (id === undefined) continue;
    if (!known.has(id)) throw new ContractError('FAQ_NOT_FOUND', `No question ${id}: leave the id of a new one out`);
    if (items.findIndex((one) => one.id === id) < place) throw new ContractError('VALIDATION_FAILED', 'A question stands there twice', { errors: [{ pointer: `/items/${place}/id`, message: 'stands there twice' }] });
  }
  return items.map((item) => ({ ...item, id: item.id ?? newId() }));
}
