import type { LoggerService } from '@nestjs/common';
import { pino } from 'pino';

/** Structured logs on standard output (OPS-2). Only ids, codes and counts go in: no text, name or address of a person. */
export const logger = pino({ level: 'info', base: undefined, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } });

/** What may be told of an error: never its parameters or detail, which hold people’s data. */
export const errorFields = (error: unknown) => {
  const { name, message, code, stack } = (error ?? {}) as { name?: string; message?: string; code?: string; stack?: string };
  return { error: { name, code, message: message?.slice(0, 300), at: stack?.split('\n').slice(1, 4).map((line) => line.trim()) } };
};

/** Nest’s own messages, through the same logger; its start-up chatter is `debug`. */
export class NestLogs implements LoggerService {
  log(message: unknown, context?: string) { logger.debug({ context }, String(message)); }
  debug(message: unknown, context?: string) { logger.debug({ context }, String(message)); }
  verbose(message: unknown, context?: string) { logger.trace({ context }, String(message)); }
  warn(message: unknown, context?: string) { logger.warn({ context }, String(message)); }
  error(message: unknown, stack?: string, context?: string) { logger.error({ context: context ?? stack }, String(message)); }
}
