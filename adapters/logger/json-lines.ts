import pino from 'pino';
import type { Clock } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { formatInstant } from '#domain/civil-time.ts';

export interface JsonLinesOptions {
  readonly clock: Clock;
  /** Named in each line. */
  readonly service: string;
  /** Where the lines go; standard error when absent, so that standard output keeps what a person or a programme reads. */
  readonly destination?: pino.DestinationStream;
}

/** Fields whose content never reaches a log, wherever they stand. */
const SECRET_FIELDS = [
  'password',
  'token',
  'digits',
  'letterCode',
  'secret',
  '*.password',
  '*.token',
  '*.digits',
  '*.letterCode',
  '*.secret',
];

/** One JSON line per event, stamped with the civil clock. */
export const createJsonLinesLogger = ({ clock, service, destination }: JsonLinesOptions): Logger => {
  const lines = pino(
    {
      base: { service },
      messageKey: 'event',
      redact: { paths: SECRET_FIELDS, censor: '(secret)' },
      timestamp: () => `,"at":"${formatInstant(clock.civilNow())}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
  return {
    info: (event, fields) => lines.info(fields ?? {}, event),
    warn: (event, fields) => lines.warn(fields ?? {}, event),
    error: (event, fields) => lines.error(fields ?? {}, event),
  };
};
