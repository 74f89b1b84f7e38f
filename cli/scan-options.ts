import type { ModbusLine, SerialSpeed } from '#gateway/modbus/transport.ts';
import { invalidOption, readOptions } from './read-options.ts';

/** What `npm run axone -- scan` is told. */
export interface ScanOptions {
  /** One wire, in each way that it may be spoken to. */
  readonly lines: readonly ModbusLine[];
  readonly unitIds: readonly number[];
  readonly timeoutMs: number;
  /** Folder of pages. */
  readonly profiles: string;
}

export const SCAN_HELP = `npm run axone -- scan --tcp HOST:PORT           Modbus TCP
npm run axone -- scan --rtu-over-tcp HOST:PORT  RTU through a serial device server
npm run axone -- scan --serial PATH             a serial port of this machine
  --units 1-247         numbers to call, such as 1-20,40
  --baud 9600           serial: speeds, such as 9600,19200; each is tried
  --parity none         serial: none, even, odd; each is tried with each speed
  --stop-bits 1         serial: 1 or 2
  --timeout-ms N        how long a unit may take: 300 on a wire, 1000 over Modbus TCP
  --profiles FOLDER     where pages are, gateway/profiles
  Stop the gateway of this line first: two masters on one wire disturb each other. Only reads; Ctrl-C says what was found.`;

const OPTIONS = {
  tcp: { type: 'string' },
  'rtu-over-tcp': { type: 'string' },
  serial: { type: 'string' },
  units: { type: 'string', default: '1-247' },
  baud: { type: 'string', default: '9600' },
  parity: { type: 'string', default: 'none' },
  'stop-bits': { type: 'string', default: '1' },
  'timeout-ms': { type: 'string' },
  profiles: { type: 'string' },
} as const;

const LAST_UNIT = 247;
const WIRE_TIMEOUT_MS = 300;
/** A gateway to a wire waits for its own unit first. */
const TCP_TIMEOUT_MS = 1000;

const parse = (parameters: readonly string[]) => readOptions(parameters, { options: OPTIONS }, 'scan --help').values;

const wholeNumber = (option: string, text: string, min: number, max: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max)
    throw invalidOption(option, `"${text}" is not a whole number from ${min} to ${max}`, `See scan --help`);
  return value;
};

const unitsOf = (text: string): readonly number[] => {
  const unitIds = text.split(',').flatMap((part) => {
    const [first = '', last = first, ...rest] = part.split('-');
    if (rest.length > 0) throw invalidOption('--units', `"${part}" is no range`, 'Write --units 1-20,40');
    const from = wholeNumber('--units', first, 1, LAST_UNIT);
    const to = wholeNumber('--units', last, from, LAST_UNIT);
    return Array.from({ length: to - from + 1 }, (_each, index) => from + index);
  });
  return [...new Set(unitIds)];
};

const ADDRESS = /^(?:\[(?<six>[^\]]+)\]|(?<host>[^:]+)):(?<port>\d+)$/;

const addressOf = (option: string, text: string): { readonly host: string; readonly port: number } => {
  const { six, host = six, port = '' } = ADDRESS.exec(text)?.groups ?? {};
  if (host === undefined) throw invalidOption(option, `"${text}" is not HOST:PORT`, `Write ${option} 192.168.10.20:502`);
  return { host, port: wholeNumber(option, port, 1, 65_535) };
};

const parityOf = (text: string): SerialSpeed['parity'] => {
  if (text === 'none' || text === 'even' || text === 'odd') return text;
  throw invalidOption('--parity', `"${text}" is not none, even or odd`, 'Write --parity none,even');
};

const speedsOf = ({ baud, parity, 'stop-bits': stopBits }: ReturnType<typeof parse>): readonly SerialSpeed[] =>
  baud.split(',').flatMap((rate) =>
    parity.split(',').map((each) => ({
      baudRate: wholeNumber('--baud', rate, 300, 1_000_000),
      parity: parityOf(each),
      stopBits: wholeNumber('--stop-bits', stopBits, 1, 2) === 1 ? 1 : 2,
    })),
  );

const linesOf = (values: ReturnType<typeof parse>): readonly ModbusLine[] => {
  const { tcp, 'rtu-over-tcp': raw, serial } = values;
  if ([tcp, raw, serial].filter((each) => each !== undefined).length !== 1)
    throw invalidOption('scan', 'it wants one of --tcp, --rtu-over-tcp and --serial', 'See scan --help');
  const speeds = speedsOf(values);
  if (tcp !== undefined) return [{ kind: 'tcp', ...addressOf('--tcp', tcp) }];
  if (serial !== undefined) return speeds.map((speed) => ({ kind: 'rtu', path: serial, ...speed }));
  if (speeds.length > 1)
    throw invalidOption('--baud', 'a serial device server has one speed, which is set there', 'Name that speed and parity');
  return speeds.map((speed) => ({ kind: 'rtu-over-tcp', ...addressOf('--rtu-over-tcp', raw ?? ''), ...speed }));
};

/** Throws `OPTION_INVALID`. `profiles`: the folder of pages when none is named. */
export const parseScanOptions = (parameters: readonly string[], profiles: string): ScanOptions => {
  const values = parse(parameters);
  const lines = linesOf(values);
  const timeoutMs = values['timeout-ms'] ?? String(values.tcp === undefined ? WIRE_TIMEOUT_MS : TCP_TIMEOUT_MS);
  return {
    lines,
    unitIds: unitsOf(values.units),
    timeoutMs: wholeNumber('--timeout-ms', timeoutMs, 20, 60_000),
    profiles: values.profiles ?? profiles,
  };
};
