import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createMemoryShelf } from '#adapters/document-shelf/in-memory.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import { instant, parseInstant } from '#domain/civil-time.ts';
import { createField, type Field } from '#simulators/index.ts';
import { recordingLogger } from '#test/services/loggers.ts';
import { until } from '#test/services/until.ts';
import { type FieldReader, openFieldReader } from './field-reader.ts';

const EM24 = 'carlo-gavazzi-em24-rs485';
const SDM = 'eastron-sdm120';
const IEM = 'schneider-iem3155-iem3255';
const DALI = 'intesis-dali-64';
const D4I = 'intesis-in703-d4i';
const CABINET = 'axone-demo-cabinet';
const RELAYS = 'waveshare-modbus-rtu-relay-16ch';
const EVENING = parseInstant('2026-11-24T19:00:00Z');
const HOUR_MS = 3_600_000;

let clock: SimulatedClock;
let logger: ReturnType<typeof recordingLogger>;
let closing: (() => Promise<void>)[] = [];

const startField = async (shelf: DocumentShelf | null = null, on: SimulatedClock = clock) => {
  const address = { host: '127.0.0.1', port: 0 };
  const field = createField({ clock: on, logger, shelf, street: address, building: address });
  await field.start();
  const [street, building] = await Promise.all(field.listening().map(({ port }) => openFieldReader(port)));
  if (street === undefined || building === undefined) throw new Error('The field listens on two ports');
  closing.push(street.close, building.close, field.stop);
  return { field, street, building };
};

beforeEach(() => {
  clock = createSimulatedClock({ civil: EVENING });
  logger = recordingLogger();
});

afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
});

const lampPower = (street: FieldReader, shortAddress: number) => street.read(3, D4I, 'active_power', { y: 0, xx: shortAddress });
const lampLevel = (street: FieldReader, shortAddress: number) =>
  street.read(3, DALI, 'actual_level', { line: 0, sa: shortAddress });
const lampStatus = (street: FieldReader, shortAddress: number) =>
  street.read(3, DALI, 'ballast_status', { line: 0, sa: shortAddress });

describe('what listens where', () => {
  test('each device stands at its unit id, and what does not exist says so', async () => {
    const { field } = await startField();
    const [street, building] = field.listening();
    expect(street?.units.map(({ unitId, device, fictitious }) => [unitId, device, fictitious])).toEqual([
      [1, 'meter-republique', false],
      [2, 'controller-republique', true],
      [3, 'dali-republique', false],
      [4, 'sensor-light', true],
      [5, 'sensor-presence', true],
    ]);
    expect(building?.units.map(({ unitId }) => unitId)).toEqual([1, ...Array.from({ length: 16 }, (_, place) => 11 + place), 40]);
    expect(field.health().state).toBe('ready');
  });

  test('a gear that is not fitted is refused, an unused word of one that is reads 0', async () => {
    const { street } = await startField();
    await expect(street.read(3, DALI, 'actual_level', { line: 0, sa: 24 })).rejects.toMatchObject({ modbusCode: 2 });
    await expect(street.read(3, D4I, 'active_power', { y: 0, xx: 24 })).rejects.toMatchObject({ modbusCode: 2 });
    await expect(street.read(3, DALI, 'actual_level', { line: 0, sa: 23.2 })).resolves.toBe(0);
  });
});

describe('a street that is dimmed', () => {
  test('a lamp follows a level with a lag, alone, by group and all at once', async () => {
    const { street } = await startField();
    expect(await lampPower(street, 4)).toBe(28);
    await street.writeRegister(3, 415, 40);
    expect(await lampPower(street, 4)).toBe(28);
    await clock.advance(8000);
    expect(await lampLevel(street, 4)).toBe(40);
    expect(await lampPower(street, 4)).toBe(11);
    expect(await lampPower(street, 5)).toBe(28);
    await street.writeRegister(3, 6420, 70);
    await clock.advance(8000);
    expect([await lampLevel(street, 11), await lampLevel(street, 12), await lampLevel(street, 23)]).toEqual([100, 70, 70]);
    await street.writeRegister(3, 6800, 0);
    await clock.advance(8000);
    expect([await lampLevel(street, 0), await lampPower(street, 23), await lampStatus(street, 23)]).toEqual([0, 0, 0]);
  });

  test('a level above 100 % is refused and nothing moves', async () => {
    const { street } = await startField();
    await expect(street.writeRegister(3, 415, 101)).rejects.toMatchObject({ modbusCode: 3 });
    expect(await lampLevel(street, 4)).toBe(100);
  });

  test('the cabinet’s meter is the sum of the lamps and the cabinet’s own 19 W, on its phases as in all', async () => {
    const { street } = await startField();
    let lamps = 0;
    for (let place = 0; place < 24; place += 1) lamps += await lampPower(street, place);
    const phases = await Promise.all(['power_l1', 'power_l2', 'power_l3'].map((name) => street.read(1, EM24, name)));
    const total = await street.read(1, EM24, 'power');
    expect(Math.abs(total - lamps - 19)).toBeLessThan(12);
    expect(phases.reduce((sum, power) => sum + power, 0)).toBeCloseTo(total, 0);
    await street.writeRegister(3, 6800, 0);
    await clock.advance(20_000);
    expect(await street.read(1, EM24, 'power')).toBeCloseTo(24 * 0.4 + 19, 1);
  });

  test('the meter’s register is the integral of its power', async () => {
    const { field, street } = await startField();
    const power = await street.read(1, EM24, 'power');
    const before = await street.read(1, EM24, 'import');
    clock.stepCivil(instant(EVENING + 100 * HOUR_MS));
    field.settle();
    expect((await street.read(1, EM24, 'import')) - before).toBeCloseTo(power / 10, 0);
  });

  test('contactors cut their segment; silence of the writer closes them again', async () => {
    const { street } = await startField();
    await street.writeRegister(2, 0, 60);
    await street.writeCoil(2, 1, false);
    await clock.advance(5000);
    expect([await lampPower(street, 5), await lampPower(street, 6), await lampStatus(street, 6)]).toEqual([28, 0, 1]);
    await clock.advance(70_000);
    expect(await street.read(2, CABINET, 'segment_contactor', { index: 1 })).toBe(1);
    expect([await lampLevel(street, 6), (await lampStatus(street, 6)) & 0b1000_0000]).toEqual([100, 0b1000_0000]);
  });

  test('people pass, and presence ends after its hold time', async () => {
    const { street } = await startField();
    const before = await street.read(5, 'axone-demo-presence', 'passages_total');
    await street.writeRegister(5, 0, 3600);
    await clock.advance(600_000);
    expect(await street.read(5, 'axone-demo-presence', 'passages_total')).toBeGreaterThan(before);
    expect(await street.read(5, 'axone-demo-presence', 'presence')).toBe(1);
    await street.writeRegister(5, 0, 0);
    expect(await street.read(5, 'axone-demo-presence', 'presence')).toBe(0);
  });
});

describe('a building that lives', () => {
  test('an open relay stops a tank and nothing else of its flat', async () => {
    const { field, building } = await startField();
    for (let relay = 0; relay < 8; relay += 1) await building.writeCoil(40, relay, false);
    const before = await Promise.all([11, 12, 20].map((unit) => building.read(unit, SDM, 'import')));
    clock.stepCivil(instant(EVENING + 24 * HOUR_MS));
    field.settle();
    const after = await Promise.all([11, 12, 20].map((unit) => building.read(unit, SDM, 'import')));
    const drawn = after.map((energy, place) => energy - (before[place] ?? 0));
    expect(Math.min(...drawn)).toBeGreaterThan(1);
    expect(await building.read(40, RELAYS, 'relay', { index: 0 })).toBe(0);
    expect(await building.read(40, RELAYS, 'relay', { index: 8 })).toBe(1);
  });

  test('the common parts draw on three phases, powers in kW and energies in Wh on the wire', async () => {
    const { building } = await startField();
    const phases = await Promise.all(['power_l1', 'power_l2', 'power_l3'].map((name) => building.read(1, IEM, name)));
    expect(phases.every((power) => power > 20 && power < 5000)).toBe(true);
    expect(await building.read(1, IEM, 'power')).toBeCloseTo(
      phases.reduce((sum, power) => sum + power, 0),
      1,
    );
    const energies = await Promise.all(['import_l1', 'import_l2', 'import_l3'].map((name) => building.read(1, IEM, name)));
    expect(await building.read(1, IEM, 'import')).toBeCloseTo(
      energies.reduce((sum, energy) => sum + energy, 0),
      2,
    );
  });
});

describe('a field that restarts', () => {
  const registers = async (street: FieldReader, building: FieldReader): Promise<number[]> => [
    await street.read(1, EM24, 'import'),
    await street.read(3, D4I, 'active_energy', { y: 0, xx: 4 }),
    await street.read(3, D4I, 'operating_time', { y: 0, xx: 4 }),
    await street.read(3, D4I, 'start_counter', { y: 0, xx: 4 }),
    await street.read(5, 'axone-demo-presence', 'passages_total'),
    await building.read(1, IEM, 'import'),
    await building.read(17, SDM, 'import'),
  ];

  test('goes on with its levels, relays and counters after a stop', async () => {
    const shelf = createMemoryShelf();
    const first = await startField(shelf);
    await first.street.writeRegister(3, 415, 35);
    await first.building.writeCoil(40, 6, false);
    await clock.advance(10_000);
    const before = await registers(first.street, first.building);
    await first.field.stop();

    const second = await startField(shelf);
    expect(await registers(second.street, second.building)).toEqual(before);
    expect(await lampLevel(second.street, 4)).toBe(35);
    expect(await second.building.read(40, RELAYS, 'relay', { index: 6 })).toBe(0);
    await second.field.stop();

    clock.stepCivil(instant(clock.civilNow() + 6 * HOUR_MS));
    const third = await startField(shelf);
    const after = await registers(third.street, third.building);
    expect(after.every((value, place) => value >= (before[place] ?? 0))).toBe(true);
    expect((after[1] ?? 0) - (before[1] ?? 0)).toBeCloseTo(6 * 28 * 0.36, -1);
  });

  test('goes on with a level that was written just before it was killed', async () => {
    const shelf = createMemoryShelf();
    const { street } = await startField(shelf);
    await street.writeRegister(3, 415, 35);
    await until(
      'the level is on the shelf',
      async () => (await shelf.get('field-street'))?.includes('"askedPercent":35') === true,
    );
    const second = await startField(shelf);
    await clock.advance(8000);
    expect(await lampLevel(second.street, 4)).toBe(35);
  });

  test('without a memory shows the same flats and common parts at the same instant', async () => {
    const first = await startField();
    const second = await startField();
    expect(await registers(second.street, second.building)).toEqual(await registers(first.street, first.building));
  });

  test('whose memory is damaged says so and begins anew', async () => {
    const shelf = createMemoryShelf();
    await shelf.put('field-street', '{"version":1,"past":{"livedUntil":"yesterday"}}');
    await shelf.put('field-building', 'not JSON');
    const { street } = await startField(shelf);
    expect(await lampLevel(street, 4)).toBe(100);
    expect(logger.lines.filter(({ event }) => event === 'field-memory-unreadable').map(({ fields }) => fields['name'])).toEqual([
      'field-street',
      'field-building',
    ]);
  });
});

describe('the civil clock', () => {
  test('two days are caught up in well under a second', async () => {
    const { field } = await startField();
    const before = process.cpuUsage();
    clock.stepCivil(instant(EVENING + 48 * HOUR_MS));
    field.settle();
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(1);
  });

  test('going backwards moves nothing, is said once, and life goes on when it has caught up', async () => {
    const { field, building } = await startField();
    const before = await building.read(1, IEM, 'import');
    clock.stepCivil(instant(EVENING - HOUR_MS));
    field.settle();
    field.settle();
    expect(await building.read(1, IEM, 'import')).toBe(before);
    expect(logger.lines.filter(({ event }) => event === 'civil-clock-went-back')).toHaveLength(2);
    clock.stepCivil(instant(EVENING + HOUR_MS));
    expect(await building.read(1, IEM, 'import')).toBeGreaterThan(before);
  });
});

describe('faults', () => {
  let field: Field;
  let street: FieldReader;
  let building: FieldReader;

  beforeEach(async () => {
    ({ field, street, building } = await startField());
  });

  test('a failed lamp stands by and says so; replaced, it burns again', async () => {
    field.inject({ kind: 'lamp-failure', target: 'luminaire-05' });
    await clock.advance(8000);
    expect([await lampPower(street, 4), await lampStatus(street, 4)]).toEqual([0, 0b10]);
    expect(await street.read(3, DALI, 'led_failure_status', { line: 0, sa: 4 })).toBe(0b10);
    field.clear({ kind: 'lamp-failure', target: 'luminaire-05' });
    await clock.advance(8000);
    expect([await lampPower(street, 4), await lampStatus(street, 4)]).toEqual([28, 0b100]);
  });

  test('a day burner draws its full power at level 0', async () => {
    field.inject({ kind: 'day-burner', target: 'luminaire-05' });
    await street.writeRegister(3, 6800, 0);
    await clock.advance(8000);
    expect([await lampLevel(street, 4), await lampPower(street, 4), await lampPower(street, 5)]).toEqual([0, 28, 0]);
    field.clear({ kind: 'day-burner', target: 'luminaire-05' });
    await clock.advance(8000);
    expect(await lampPower(street, 4)).toBe(0);
  });

  test('a gear whose dimming failed keeps its level', async () => {
    field.inject({ kind: 'dimming-failure', target: 'luminaire-05' });
    await street.writeRegister(3, 6800, 30);
    await clock.advance(8000);
    expect([await lampLevel(street, 4), await lampPower(street, 4), await lampLevel(street, 5)]).toEqual([100, 28, 30]);
    field.clear({ kind: 'dimming-failure', target: 'luminaire-05' });
    await clock.advance(8000);
    expect(await lampLevel(street, 4)).toBe(30);
  });

  test('the door of the cabinet opens and closes', async () => {
    field.inject({ kind: 'door-open', target: 'controller-republique' });
    expect(await street.read(2, CABINET, 'door_open')).toBe(1);
    field.clear({ kind: 'door-open', target: 'controller-republique' });
    expect(await street.read(2, CABINET, 'door_open')).toBe(0);
  });

  test('a tripped breaker darkens its segment', async () => {
    field.inject({ kind: 'breaker-tripped', target: 'segment-4' });
    await clock.advance(3000);
    expect(await street.read(2, CABINET, 'breaker_tripped', { index: 3 })).toBe(1);
    expect([await lampPower(street, 17), await lampPower(street, 18)]).toEqual([40, 0]);
    field.clear({ kind: 'breaker-tripped', target: 'segment-4' });
    await clock.advance(8000);
    expect(await street.read(2, CABINET, 'breaker_tripped', { index: 3 })).toBe(0);
    expect(Math.abs((await lampPower(street, 18)) - 62)).toBeLessThanOrEqual(1);
  });

  test('a silent unit lets the client wait, and the others answer', async () => {
    const [, listening] = field.listening();
    const impatient = await openFieldReader(listening?.port ?? 0, 150);
    closing.push(impatient.close);
    field.inject({ kind: 'silent-unit', target: 'meter-d03' });
    await expect(impatient.read(13, SDM, 'power')).rejects.toMatchObject({ name: 'TransactionTimedOutError' });
    expect(await building.read(14, SDM, 'voltage')).toBeGreaterThan(200);
    field.clear({ kind: 'silent-unit', target: 'meter-d03' });
    expect(await building.read(13, SDM, 'voltage')).toBeGreaterThan(200);
  });

  test('late replies come when their delay has passed', async () => {
    field.inject({ kind: 'late-replies', target: 'meter-d03', delayMs: 900 });
    let answered = false;
    const reading = building.read(13, SDM, 'voltage').finally(() => {
      answered = true;
    });
    await until('the request has come', () => (field.health().figures?.['requests'] ?? 0) > 0);
    await clock.advance(899);
    expect(answered).toBe(false);
    await clock.advance(1);
    expect(await reading).toBeGreaterThan(200);
  });

  test('a unit told to refuse answers with that exception', async () => {
    field.inject({ kind: 'exception', target: 'meter-republique', exception: 4 });
    await expect(street.read(1, EM24, 'power')).rejects.toMatchObject({ modbusCode: 4 });
    field.clear({ kind: 'exception', target: 'meter-republique' });
    expect(await street.read(1, EM24, 'power')).toBeGreaterThan(0);
  });

  test('a fault nobody can suffer is refused', () => {
    expect(() => field.inject({ kind: 'lamp-failure', target: 'meter-d03' })).toThrow(
      expect.objectContaining({ code: 'FIELD_FAULT_UNKNOWN' }),
    );
    expect(logger.lines.filter(({ event }) => event === 'fault-injected')).toEqual([]);
  });
});
