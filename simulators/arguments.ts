import { parseArgs } from 'node:util';
import { fault, reasonOf } from '#contract/errors.ts';
import { civilDate, civilTime, type Instant, instantOf, timeZone } from '#domain/civil-time.ts';

export const FIELD_HELP = `Runs the simulated street and building alone, over Modbus TCP.

  --host 127.0.0.1        address to listen on
  --street-port 5020      Modbus TCP port of the street; 0 for any free one
  --building-port 5021    Modbus TCP port of the building
  --at 2026-12-15T16:15   civil time to begin at, in Europe/Paris
  --speed 60              civil seconds in one second
  --data FOLDER           keeps levels, relays and counters there over a restart
  --help`;

export interface FieldArguments {
  readonly host: string;
  readonly streetPort: number;
  readonly buildingPort: number;
  /** Null for the machine's own time. */
  readonly civilStart: Instant | null;
  readonly speed: number;
  /** Null keeps nothing. */
  readonly dataFolder: string | null;
  readonly help: boolean;
}

const SITE_ZONE = timeZone('Europe/Paris');
const DEFAULTS = { host: '127.0.0.1', streetPort: '5020', buildingPort: '5021', speed: '1' };

const invalid = (option: string, problem: string, expected: string) => fault('OPTION_INVALID', { option, problem, expected });

const parsePort = (option: string, text: string): number => {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 0xffff) return port;
  throw invalid(option, `"${text}" is not a port`, 'Give a number from 0 to 65535');
};

const parseSpeed = (text: string): number => {
  const speed = Number(text);
  if (speed > 0 && speed <= 3600) return speed;
  throw invalid('--speed', `"${text}" is not a speed`, 'Give a number above 0 and up to 3600');
};

const parseCivilStart = (text: string): Instant => {
  const [date = '', time = ''] = text.split('T');
  try {
    return instantOf(civilDate(date), civilTime(time), SITE_ZONE);
  } catch (thrown) {
    throw invalid('--at', reasonOf(thrown), 'Give a civil time such as 2026-12-15T16:15');
  }
};

const readOptions = (argv: readonly string[]) => {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: {
        host: text,
        'street-port': text,
        'building-port': text,
        at: text,
        speed: text,
        data: text,
        help: { type: 'boolean' },
      },
    }).values;
  } catch (thrown) {
    throw invalid('of simulate', reasonOf(thrown), 'See --help');
  }
};

/** Options of the field run alone; OPTION_INVALID names the one that is wrong. */
export const parseFieldArguments = (argv: readonly string[]): FieldArguments => {
  const given = readOptions(argv);
  return {
    host: given.host ?? DEFAULTS.host,
    streetPort: parsePort('--street-port', given['street-port'] ?? DEFAULTS.streetPort),
    buildingPort: parsePort('--building-port', given['building-port'] ?? DEFAULTS.buildingPort),
    civilStart: given.at === undefined ? null : parseCivilStart(given.at),
    speed: parseSpeed(given.speed ?? DEFAULTS.speed),
    dataFolder: given.data ?? null,
    help: given.help === true,
  };
};
