import { access, accessEvents } from './access.js';
import { auditEvents } from './audit.js';
import { campaigns } from './campaigns.js';
import { routingRules, teams } from './assignment.js';
import { channelHealth, channelHealthEvents } from './channel-health.js';
import { channelEvents, channels } from './channels.js';
import { chatSetup } from './chat-setup.js';
import { clock } from './clock.js';
import { customerEvents } from './customer-events.js';
import type { Request } from './contract.js';
import type { Event } from './events.js';
import { explain } from './explain.js';
import { feed, notificationEvents } from './feed.js';
import { attachments, fileEvents, files } from './attachments.js';
import { linkEvents, links } from './links.js';
import { coupons, macros } from './macros.js';
import { tagEvents, tags } from './tags.js';
import { merging, mergingEvents } from './merging.js';
import { messageEvents, messages } from './messages.js';
import { profileMergeEvents, profileMerges } from './profile-merges.js';
import { privacy, privacyEvents } from './privacy.js';
import { profileEvents, profiles } from './profiles.js';
import { mailSetup } from './mail-setup.js';
import { reconciliation } from './reconciliation.js';
import { quarantine, quarantineEvents } from './quarantine.js';
import { reports } from './reports.js';
import { segments } from './segments.js';
import { settings, settingsEvents } from './settings.js';
import { spam, spamEvents } from './spam.js';
import { templateEvents, templates } from './templates.js';
import { texting, textingEvents } from './texting.js';
import { ticketEvents, tickets } from './tickets.js';
import { timerEvents, timers } from './timers.js';
import { jobEvents, jobs } from './jobs.js';
import { search } from './search.js';
import { views } from './views.js';
import { webchat } from './webchat.js';

/** Every question there is, by group: for the generators and for tests that walk all of them. */
export const ALL_REQUESTS: Record<string, Record<string, Request>> = { access, tickets, views, search, jobs, messages, macros, coupons, tags, attachments, files, timers, profiles, profileMerges, customerEvents, campaigns, segments, privacy, channels, channelHealth, mailSetup, quarantine, reconciliation, templates, texting, links, chatSetup, webchat, feed, settings, reports, teams, routingRules, explain, merging, spam, clock };
/** Every fact there is. */
export const ALL_EVENTS: readonly Event[] = [accessEvents, auditEvents, privacyEvents, ticketEvents, spamEvents, mergingEvents, tagEvents, messageEvents, jobEvents, timerEvents, settingsEvents, profileEvents, profileMergeEvents, fileEvents, channelEvents, channelHealthEvents, quarantineEvents, templateEvents, textingEvents, linkEvents, notificationEvents].flatMap((group) => Object.values(group) as Event[]);
/** A fact by its type. */
export const EVENT_BY_TYPE: ReadonlyMap<string, Event> = new Map(ALL_EVENTS.map((event) => [event.type, event]));
