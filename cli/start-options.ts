import { fault, reasonOf } from '#contract/errors.ts';
import { civilDate, civilTime, type Instant, instantOf, type TimeZone } from '#domain/civil-time.ts';
import { invalidOption, readOptions } from './read-options.ts';

/** What `npm start -- …` may be told. */
export interface StartOptions {
  /** Null: the demonstration. */
  readonly config: string | null;
  readonly data: string | null;
  readonly port: number | null;
  /** Civil time of the site, such as 2026-12-15T16:15; only the civil clock is moved. */
  readonly at: string | null;
  /** Civil seconds in one elapsed second. */
  readonly speed: number;
  readonly help: boolean;
}

export const START_HELP = `npm start -- [options]
  --config FILE   your own field (absent: the simulated street and building)
  --data FOLDER   where measurements and the registry are kept
  --port N        port of the portal (0: any free one)
  --at TIME       simulated field only: civil time of the site at start, such as 2026-12-15T16:15
  --speed N       simulated field only: civil seconds in one second, 1 to 600
  --help          this text`;

const LOCAL_TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2})?)$/;
const FASTEST = 600;

const wholeNumber = (option: string, text: string, min: number, max: number): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw fault('OPTION_INVALID', {
      option,
      problem: `"${text}" is not a whole number from ${min} to ${max}`,
      expected: `Write ${option} N`,
    });
  }
  return value;
};

/** Throws OPTION_INVALID, naming the option. */
export const parseStartOptions = (argv: readonly string[]): StartOptions => {
  const values: Record<string, string | boolean | undefined> = readOptions(
    argv,
    {
      options: {
        config: { type: 'string' },
        data: { type: 'string' },
        port: { type: 'string' },
        at: { type: 'string' },
        speed: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    },
    'npm start -- --help',
  ).values;
  const text = (name: string): string | null => (typeof values[name] === 'string' ? values[name] : null);
  const at = text('at');
  if (at !== null && !LOCAL_TIME.test(at)) {
    throw invalidOption('--at', `"${at}" is not a local time`, 'Write --at 2026-12-15T16:15');
  }
  const port = text('port');
  const speed = text('speed');
  return {
    config: text('config'),
    data: text('data'),
    port: port === null ? null : wholeNumber('--port', port, 0, 65_535),
    at,
    speed: speed === null ? 1 : wholeNumber('--speed', speed, 1, FASTEST),
    help: values['help'] === true,
  };
};

/** The instant of `--at` in a zone. Throws OPTION_INVALID for a day that does not exist. */
export const instantOfStart = (at: string, zone: TimeZone): Instant => {
  const [, dayText = '', timeText = ''] = LOCAL_TIME.exec(at) ?? [];
  try {
    return instantOf(civilDate(dayText), civilTime(timeText), zone);
  } catch (thrown) {
    throw fault('OPTION_INVALID', { option: '--at', problem: reasonOf(thrown), expected: 'Write --at 2026-12-15T16:15' }, thrown);
  }
};
