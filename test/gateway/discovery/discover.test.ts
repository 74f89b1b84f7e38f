import { afterEach, describe, expect, test } from 'vitest';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import type { Clock } from '#contract/ports/clock.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { type DiscoveryStep, discover, type FoundUnit } from '#gateway/discovery/discover.ts';
import { silentUnitMs } from '#gateway/discovery/scan-bus.ts';
import { connectModbus } from '#gateway/modbus/connect-modbus.ts';
import { RtuTransport } from '#gateway/modbus/rtu-transport.ts';
import type { ConnectModbus, ModbusLine } from '#gateway/modbus/transport.ts';
import { loadProfiles } from '#gateway/profiles/load-profiles.ts';
import { createField } from '#simulators/index.ts';
import { startRawLine, startSerialLine } from '../modbus/scripted-line.ts';
import { type ScriptedRequest, startScriptedServer } from '../modbus/scripted-server.ts';
import { answerFrom, fixtureOf, moved, pairsExchanged } from './fixture-units.ts';

const profiles = [...(await loadProfiles()).values()];
const at = () => createSimulatedClock({ civil: parseInstant('2026-11-24T19:00:00Z') });
const units = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_each, index) => from + index);

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Scan {
  readonly lines: readonly ModbusLine[];
  readonly unitIds: readonly number[];
  readonly clock: Clock;
  readonly timeoutMs?: number;
  readonly connect?: ConnectModbus;
  readonly abort?: AbortController;
  readonly onStep?: (step: DiscoveryStep) => void;
}

const scanned = async (
  scan: Scan,
): Promise<{ readonly steps: readonly DiscoveryStep[]; readonly found: readonly FoundUnit[] }> => {
  const { abort = new AbortController(), connect = connectModbus, timeoutMs = 300, onStep, ...rest } = scan;
  const steps: DiscoveryStep[] = [];
  for await (const step of discover({ ...rest, connect, timeoutMs, profiles, signal: abort.signal })) {
    steps.push(step);
    onStep?.(step);
  }
  return { steps, found: steps.flatMap((step) => (step.kind === 'unit-found' ? [step.unit] : [])) };
};

const proposed = (found: readonly FoundUnit[]) =>
  Object.fromEntries(found.map(({ unitId, proposals }) => [unitId, proposals?.[0]?.profile.profile ?? null]));

const answersOf = (steps: readonly DiscoveryStep[]) =>
  steps.flatMap((step) => (step.kind === 'unit-called' ? [`${step.unitId} ${step.answer.kind}`] : []));

/** A Modbus TCP server whose units 1 to 20 are played by the test. */
const server = async (script: (request: ScriptedRequest) => void): Promise<ModbusLine> => {
  const started = await startScriptedServer(script);
  closing.push(() => started.close());
  return { kind: 'tcp', host: '127.0.0.1', port: started.port };
};

describe('on the simulated field, over Modbus TCP', () => {
  const openField = async () => {
    const clock = at();
    const anyPort = { host: '127.0.0.1', port: 0 };
    const field = createField({ clock, logger: silentLogger, shelf: null, street: anyPort, building: anyPort });
    await field.start();
    closing.push(() => field.stop());
    const [street, building] = field.listening().map(({ port }) => ({ kind: 'tcp', host: '127.0.0.1', port }) as const);
    if (street === undefined || building === undefined) throw new Error('The field listens on two ports');
    return { clock, street, building };
  };

  test('every unit of the street is found, and the right profile comes first', async () => {
    const { clock, street } = await openField();
    const { found, steps } = await scanned({ lines: [street], unitIds: units(1, 247), clock });
    expect(proposed(found)).toEqual({
      1: 'carlo-gavazzi-em24-rs485',
      2: 'axone-demo-cabinet',
      3: 'intesis-in703-d4i',
      4: 'axone-demo-light-sensor',
      5: 'axone-demo-presence',
      6: 'intesis-in703-d4i',
      7: 'eastron-sdm120',
      8: 'eastron-sdm120',
    });
    expect(found.map(({ proposals }) => proposals?.[0]?.layout)).toEqual(found.map(() => ({ isSwapped: false, offset: 0 })));
    expect(found[0]?.proposals?.[0]?.profile.points.voltageL1V).toMatchObject({ wordOrder: 'low-first' });
    expect(answersOf(steps)).toHaveLength(247);
  });

  test('every unit of the building is found, and the right profile comes first', async () => {
    const { clock, building } = await openField();
    const { found } = await scanned({ lines: [building], unitIds: units(1, 247), clock });
    const flats = units(11, 26).map((unitId) => [unitId, 'eastron-sdm120']);
    expect(proposed(found)).toEqual({
      1: 'schneider-iem3155',
      ...Object.fromEntries(flats),
      40: 'waveshare-modbus-rtu-relay-16ch',
    });
  });

  test('aborted on the way, it ends and what was found is known', async () => {
    const { clock, building } = await openField();
    const abort = new AbortController();
    const onStep = (step: DiscoveryStep): void => {
      if (step.kind === 'unit-called' && step.unitId === 13) abort.abort();
    };
    const { found, steps } = await scanned({ lines: [building], unitIds: units(1, 247), clock, abort, onStep });
    expect(proposed(found)).toEqual({ 1: 'schneider-iem3155', 11: 'eastron-sdm120', 12: 'eastron-sdm120', 13: null });
    expect(found.at(-1)?.proposals).toBeNull();
    expect(answersOf(steps)).toHaveLength(13);
  });
});

describe('what is there', () => {
  test('a unit that only refuses is there; one of which the gateway says that it does not answer is not', async () => {
    const line = await server(({ unitId, functionCode, reply }) => reply([functionCode | 0x80, unitId]));
    const { steps } = await scanned({ lines: [line], unitIds: units(1, 11), clock: at() });
    expect(answersOf(steps)).toEqual([...units(1, 9).map((unitId) => `${unitId} present`), '10 silent', '11 silent']);
  });

  test('a unit for which the server hangs up is not there, and the next is asked over a new connection', async () => {
    const line = await server(({ unitId, functionCode, reply, reset }) =>
      unitId === 2 ? reset() : reply([functionCode | 0x80, 2]),
    );
    const { steps } = await scanned({ lines: [line], unitIds: units(1, 3), clock: at() });
    expect(answersOf(steps)).toEqual(['1 present', '2 silent', '3 present']);
  });

  test('a line that cannot be opened is a fault, not a silence', async () => {
    const gone = await startScriptedServer(() => undefined);
    await gone.close();
    const line = { kind: 'tcp', host: '127.0.0.1', port: gone.port } as const;
    await expect(scanned({ lines: [line], unitIds: [1], clock: at() })).rejects.toMatchObject({ code: 'BUS_DISCONNECTED' });
  });

  test('a silent bus costs one time-out for each unit, and nothing is found', async () => {
    const clock = at();
    const line = await server(() => void clock.advance(300));
    const before = clock.monotonicNow();
    const { steps, found } = await scanned({ lines: [line], unitIds: units(1, 20), clock });
    expect(answersOf(steps)).toEqual(units(1, 20).map((unitId) => `${unitId} silent`));
    expect(found).toEqual([]);
    expect(clock.monotonicNow() - before).toBe(20 * 300);
  });
});

describe('what a unit is', () => {
  test('words in the other order than the page are recognised by 230 V and 50 Hz', async () => {
    const image = pairsExchanged((await fixtureOf('eastron-sdm120/first-reading')).image);
    const line = await server((request) => request.reply(answerFrom(image, request)));
    const { found } = await scanned({ lines: [line], unitIds: [7], clock: at() });
    expect(proposed(found)).toEqual({ 7: 'eastron-sdm120' });
    expect(found[0]?.proposals?.[0]?.layout).toEqual({ isSwapped: true, offset: 0 });
  });

  test('addresses that the document counts from one and the page from zero are said', async () => {
    const image = moved((await fixtureOf('schneider-iem3155/first-reading')).image, (address) => address + 1);
    const line = await server((request) => request.reply(answerFrom(image, request)));
    const { found } = await scanned({ lines: [line], unitIds: [1], clock: at() });
    expect(proposed(found)).toEqual({ 1: 'schneider-iem3155' });
    expect(found[0]?.proposals?.[0]?.layout).toEqual({ isSwapped: false, offset: 1 });
  });

  const object = (id: number, text: string): readonly number[] => [id, text.length, ...Buffer.from(text)];
  const IDENTITY = [43, 14, 1, 1, 0, 0, 3, ...object(0, 'Eastron'), ...object(1, 'SDM230-Modbus'), ...object(2, '1.7')];

  test.each([
    { kind: 'rtu', start: startSerialLine },
    { kind: 'rtu-over-tcp', start: startRawLine },
  ])('over $kind a unit that names itself is believed among models with one map', async ({ start }) => {
    const { image } = await fixtureOf('eastron-sdm230/first-reading');
    const wire = await start();
    closing.push(() => wire.close());
    wire.script = (request) => request.reply(request.functionCode === 43 ? IDENTITY : answerFrom(image, request));
    const { found } = await scanned({ lines: [wire.line], unitIds: [9], clock: createSystemClock(), timeoutMs: 2000 });
    expect(found[0]?.identification).toEqual({ vendor: 'Eastron', product: 'SDM230-Modbus', revision: '1.7' });
    expect(proposed(found)).toEqual({ 9: 'eastron-sdm230' });
  });
});

describe('on a wire', () => {
  const SPEED = { baudRate: 9600, parity: 'none', stopBits: 1 } as const;
  const WIRE = { kind: 'rtu', path: '/dev/a-wire', ...SPEED } as const;

  /** Until it settles, time goes on. */
  const whileTimePasses = async <T>(clock: SimulatedClock, running: Promise<T>): Promise<T> => {
    let isOver = false;
    const over = running.finally(() => {
      isOver = true;
    });
    while (!isOver) await clock.advance(50);
    return over;
  };

  /** A wire on which nobody is. */
  const nobody: ConnectModbus = (bus, line, clock) => {
    if (line.kind !== 'rtu') throw new Error('a wire is wanted');
    const open = () =>
      Promise.resolve({ write: () => undefined, caughtUp: (then: () => void) => then(), close: () => undefined });
    return new RtuTransport({ bus, address: line.path, speed: line, open, clock });
  };

  test('247 units at 9,600 baud take less than 4 minutes by the budget, and no longer than it', async () => {
    const clock = at();
    const before = clock.monotonicNow();
    const running = scanned({ lines: [WIRE], unitIds: units(1, 247), clock, connect: nobody });
    const { steps } = await whileTimePasses(clock, running);
    const [opened] = steps;
    const budgetMs = opened?.kind === 'line-opened' ? opened.budgetMs : 0;
    expect(Math.round(silentUnitMs(WIRE, 300))).toBe(641);
    expect(budgetMs).toBeCloseTo(247 * silentUnitMs(WIRE, 300));
    expect(budgetMs).toBeLessThan(4 * 60_000);
    expect(answersOf(steps)).toHaveLength(247);
    expect(clock.monotonicNow() - before).toBeLessThanOrEqual(budgetMs + 50);
  });

  test('a unit found at one speed is not called at the next', async () => {
    const image = (await fixtureOf('eastron-sdm120/first-reading')).image;
    const wire = await startSerialLine();
    closing.push(() => wire.close());
    wire.script = (request) => {
      if (request.unitId === 2) request.reply(answerFrom(image, request));
    };
    if (wire.line.kind !== 'rtu') throw new Error('a wire is wanted');
    const lines = [wire.line, { ...wire.line, baudRate: 19_200 }];
    const { steps, found } = await scanned({ lines, unitIds: units(1, 3), clock: createSystemClock(), timeoutMs: 200 });
    expect(answersOf(steps)).toEqual(['1 silent', '2 present', '3 silent', '1 silent', '3 silent']);
    expect(found.map(({ line, unitId }) => [line, unitId])).toEqual([[wire.line, 2]]);
  });

  test('bytes that are no answer are said, after a second try', async () => {
    const wire = await startRawLine();
    closing.push(() => wire.close());
    wire.script = () => wire.say(Buffer.of(0x13, 0x37, 0x13, 0x37));
    const { steps } = await scanned({ lines: [wire.line], unitIds: [4], clock: createSystemClock(), timeoutMs: 100 });
    expect(answersOf(steps)).toEqual(['4 unclear']);
  });
});
