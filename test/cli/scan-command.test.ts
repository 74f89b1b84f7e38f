import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { loadProfiles, readGatewayConfiguration } from '#gateway/index.ts';
import { createField } from '#simulators/index.ts';
import { answerFrom, fixtureOf, moved, pairsExchanged } from '#test/gateway/discovery/fixture-units.ts';
import { startScriptedServer } from '#test/gateway/modbus/scripted-server.ts';
import { runScanCommand } from '../../cli/scan-command.ts';
import { parseScanOptions } from '../../cli/scan-options.ts';

const ROOT = join(import.meta.dirname, '../..');
const options = (...parameters: readonly string[]) => parseScanOptions(parameters, join(ROOT, 'gateway/profiles'));
const clock = () => createSimulatedClock({ civil: parseInstant('2026-11-24T19:00:00Z') });

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const scan = async (parameters: readonly string[], isTerminal = false) => {
  const said = { words: '', progress: '' };
  const screen = {
    isTerminal,
    progress: (text: string) => void (said.progress += text),
    say: (text: string) => void (said.words += text),
  };
  await runScanCommand(options(...parameters), { clock: clock(), screen, signal: new AbortController().signal });
  return said;
};

const street = async (): Promise<string> => {
  const anyPort = { host: '127.0.0.1', port: 0 };
  const field = createField({ clock: clock(), logger: silentLogger, shelf: null, street: anyPort, building: anyPort });
  await field.start();
  closing.push(() => field.stop());
  return `127.0.0.1:${field.listening()[0]?.port ?? 0}`;
};

describe('the options of scan', () => {
  test('a serial port is tried at each speed with each parity', () => {
    const { lines, unitIds, timeoutMs } = options(
      ...['--serial', '/dev/ttyUSB0', '--baud', '9600,19200', '--parity', 'none,even', '--units', '1-3,40,2'],
    );
    expect(lines).toEqual(
      [9600, 19_200].flatMap((baudRate) =>
        ['none', 'even'].map((parity) => ({ kind: 'rtu', path: '/dev/ttyUSB0', baudRate, parity, stopBits: 1 })),
      ),
    );
    expect(unitIds).toEqual([1, 2, 3, 40]);
    expect(timeoutMs).toBe(300);
  });

  test('without a word on units all 247 are called, over TCP with more patience', () => {
    const { lines, unitIds, timeoutMs } = options('--tcp', '[::1]:502');
    expect(lines).toEqual([{ kind: 'tcp', host: '::1', port: 502 }]);
    expect([unitIds[0], unitIds.at(-1), unitIds.length]).toEqual([1, 247, 247]);
    expect(timeoutMs).toBe(1000);
  });

  test.each([
    [[], 'one of --tcp, --rtu-over-tcp and --serial'],
    [['--tcp', 'a:502', '--serial', 'b'], 'one of --tcp, --rtu-over-tcp and --serial'],
    [['--tcp', 'cabinet'], '"cabinet" is not HOST:PORT'],
    [['--tcp', 'cabinet:502', '--units', '1-248'], '"248" is not a whole number from 1 to 247'],
    [['--tcp', 'cabinet:502', '--units', '9-3'], '"3" is not a whole number from 9 to 247'],
    [['--tcp', 'cabinet:502', '--units', '1-2-3'], '"1-2-3" is no range'],
    [['--serial', '/dev/a', '--parity', 'mark'], '"mark" is not none, even or odd'],
    [['--serial', '/dev/a', '--baud', 'fast'], '"fast" is not a whole number'],
    [['--rtu-over-tcp', 'a:502', '--baud', '9600,19200'], 'has one speed'],
    [['--colour', 'red'], '--colour'],
  ])('%j is refused with its reason', (parameters, reason) => {
    expect(() => options(...parameters)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    expect(() => options(...parameters)).toThrow(reason);
  });
});

describe('what a scan says', () => {
  test('each unit of the street with its profile, its score and why, and an extract that the gateway takes', async () => {
    const { words, progress } = await scan(['--tcp', await street(), '--units', '1-60']);
    expect(words).toMatch(/^1 .* carlo-gavazzi-em24-rs485 +90 % +\d+(\.\d)? V; .* V; .* V; 50(\.\d+)? Hz; 13 of 13 plausible$/m);
    expect(words).toMatch(/^3 .* intesis-in703-d4i /m);
    expect(progress).toContain('60 unit numbers, 1000 ms for each that is silent: 1 min 0 s at most');
    expect(progress).toContain('25 of 60 called, 8 found\n');
    const extract = words.slice(words.indexOf('buses:'));
    const file = `id: gateway-found\nzone: Europe/Paris\n${extract}`;
    const { buses } = readGatewayConfiguration(file, 'found.yaml', await loadProfiles());
    expect(buses[0]?.devices.map(({ unitId, profile }) => `${unitId} ${profile}`)).toEqual([
      '1 carlo-gavazzi-em24-rs485',
      '2 axone-demo-cabinet',
      '3 intesis-in703-d4i',
      '4 axone-demo-light-sensor',
      '5 axone-demo-presence',
      '6 intesis-in703-d4i',
      '7 eastron-sdm120',
      '8 eastron-sdm120',
    ]);
  });

  test('on a terminal one line is written over', async () => {
    const { progress } = await scan(['--tcp', await street(), '--units', '1-3'], true);
    expect(progress).toContain('\r\u001b[K2 of 3 called, 1 found\r\u001b[K');
  });

  test('a page that fits only otherwise is not put in the extract, but what to change is', async () => {
    const { image } = await fixtureOf('eastron-sdm120/first-reading');
    const other = moved(pairsExchanged(image), (address) => address + 1);
    const server = await startScriptedServer((request) => request.reply(answerFrom(other, request)));
    closing.push(() => server.close());
    const { words } = await scan(['--tcp', `127.0.0.1:${server.port}`, '--units', '8']);
    const change = 'wordOrder: low-first for its values of several registers and every address one higher';
    expect(words).toContain(`with ${change}; `);
    expect(words).toContain(`# unit 8: copy eastron-sdm120.yaml under another name, with ${change}`);
    expect(words).not.toContain('devices:');
  });

  test('a silent bus is said, with what to check', async () => {
    const server = await startScriptedServer(({ functionCode, reply }) => reply([functionCode | 0x80, 11]));
    closing.push(() => server.close());
    const { words } = await scan(['--tcp', `127.0.0.1:${server.port}`, '--units', '1-30']);
    expect(words).toContain('No unit answered. Check that the line is powered');
  });

  test('bytes that are no answer are said again at the end, with what causes them', async () => {
    const server = await startScriptedServer(({ reply }) => reply([6, 0, 0, 0, 0]));
    closing.push(() => server.close());
    const { words } = await scan(['--tcp', `127.0.0.1:${server.port}`, '--units', '4']);
    expect(words).toMatch(/^unit 4: bytes that are no answer \(.*\)\nTwo units with one number/);
  });
});

describe('the command', () => {
  const start = (...parameters: readonly string[]) => {
    const child = spawn(process.execPath, [join(ROOT, 'cli/main.ts'), 'scan', ...parameters]);
    const ended = once(child, 'exit');
    const said = { words: '', progress: '' };
    child.stdout.on('data', (part: Buffer) => void (said.words += part.toString()));
    child.stderr.on('data', (part: Buffer) => void (said.progress += part.toString()));
    return { child, said, code: async () => (await ended)[0] as number | null };
  };

  test('interrupted, it says what was found until then and ends well', async () => {
    const { image } = await fixtureOf('eastron-sdm120/first-reading');
    const asked = Promise.withResolvers<void>();
    const server = await startScriptedServer((request) => {
      if (request.unitId === 1) request.reply(answerFrom(image, request));
      else asked.resolve();
    });
    closing.push(() => server.close());
    const { child, said, code } = start('--tcp', `127.0.0.1:${server.port}`, '--timeout-ms', '60000');
    await asked.promise;
    child.kill('SIGINT');
    expect(await code()).toBe(0);
    expect(said.words).toContain('Aborted. Found until then:');
    expect(said.words).toMatch(/^1 .* eastron-sdm120 /m);
    expect(said.progress).toContain('unit 1: eastron-sdm120');
  });

  test('a wrong option ends it with code 2 and one sentence', async () => {
    const { said, code } = start('--tcp', 'nowhere');
    expect(await code()).toBe(2);
    expect(said.progress).toContain('OPTION_INVALID');
    expect(said.progress.trim().split('\n')).toHaveLength(1);
  });
});
