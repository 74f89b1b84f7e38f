import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { instant } from '#domain/civil-time.ts';
import {
  CABINET,
  createFieldBench,
  D4I,
  DALI,
  EM24,
  EVENING,
  type FieldBench,
  IEM,
  lampLevel,
  lampPower,
  lampStatus,
  RELAYS,
} from './open-field.ts';

const HOUR_MS = 3_600_000;

let bench: FieldBench;

beforeEach(() => {
  bench = createFieldBench();
});

afterEach(() => bench.close());

describe('what listens where', () => {
  test('each device stands at its unit id, and what does not exist says so', async () => {
    const { field } = await bench.open();
    const [street, building] = field.listening();
    expect(street?.units.map(({ unitId, device, fictitious }) => [unitId, device, fictitious])).toEqual([
      [1, 'meter-republique', false],
      [2, 'controller-republique', true],
      [3, 'dali-republique', false],
      [4, 'sensor-light', true],
      [5, 'sensor-presence', true],
      [6, 'dali-extension', false],
      [7, 'meter-festive', false],
      [8, 'meter-festive-next', false],
    ]);
    expect(building?.units.map(({ unitId }) => unitId)).toEqual([1, ...Array.from({ length: 16 }, (_, place) => 11 + place), 40]);
    expect(field.health().state).toBe('ready');
  });

  test('a gear that is not fitted is refused, an unused word of one that is reads 0', async () => {
    const { street } = await bench.open();
    await expect(street.read(3, DALI, 'actual_level', { line: 0, sa: 24 })).rejects.toMatchObject({ modbusCode: 2 });
    await expect(street.read(3, D4I, 'active_power', { y: 0, xx: 24 })).rejects.toMatchObject({ modbusCode: 2 });
    await expect(street.read(3, DALI, 'actual_level', { line: 0, sa: 23.2 })).resolves.toBe(0);
  });
});

describe('a control gear', () => {
  test('keeps in its memory what it does alone, and refuses a command that is none', async () => {
    const { street } = await bench.open();
    const kept = async (name: string) => street.read(3, DALI, name, { line: 0, sa: 4 });
    expect([await kept('power_on_level'), await kept('system_failure_level')]).toEqual([100, 100]);
    await street.writeRegister(3, 431, 5030);
    await street.writeRegister(3, 431, 6070);
    expect([await kept('power_on_level'), await kept('system_failure_level')]).toEqual([30, 70]);
    await expect(street.writeRegister(3, 431, 6101)).rejects.toMatchObject({ modbusCode: 3 });
    expect(await kept('system_failure_level')).toBe(70);
  });
});

describe('a street that is dimmed', () => {
  test('a lamp follows a level with a lag, alone, by group and all at once', async () => {
    const { street } = await bench.open();
    expect(await lampPower(street, 4)).toBe(28);
    await street.writeRegister(3, 415, 40);
    expect(await lampPower(street, 4)).toBe(28);
    await bench.clock.advance(8000);
    expect(await lampLevel(street, 4)).toBe(40);
    expect(await lampPower(street, 4)).toBe(11);
    expect(await lampPower(street, 5)).toBe(28);
    await street.writeRegister(3, 6420, 70);
    await bench.clock.advance(8000);
    expect([await lampLevel(street, 11), await lampLevel(street, 12), await lampLevel(street, 23)]).toEqual([100, 70, 70]);
    await street.writeRegister(3, 6800, 0);
    await bench.clock.advance(8000);
    expect([await lampLevel(street, 0), await lampPower(street, 23), await lampStatus(street, 23)]).toEqual([0, 0, 0]);
  });

  test('a level above 100 % is refused and nothing moves', async () => {
    const { street } = await bench.open();
    await expect(street.writeRegister(3, 415, 101)).rejects.toMatchObject({ modbusCode: 3 });
    expect(await lampLevel(street, 4)).toBe(100);
  });

  test('the cabinet’s meter is the sum of the lamps and the cabinet’s own 19 W, on its phases as in all', async () => {
    const { street } = await bench.open();
    let lamps = 0;
    for (let place = 0; place < 24; place += 1) lamps += await lampPower(street, place);
    const phases = await Promise.all(['power_l1', 'power_l2', 'power_l3'].map((name) => street.read(1, EM24, name)));
    const total = await street.read(1, EM24, 'power');
    expect(Math.abs(total - lamps - 19)).toBeLessThan(12);
    expect(phases.reduce((sum, power) => sum + power, 0)).toBeCloseTo(total, 0);
    await street.writeRegister(3, 6800, 0);
    await bench.clock.advance(20_000);
    expect(await street.read(1, EM24, 'power')).toBeCloseTo(24 * 0.4 + 19, 1);
  });

  test('the meter’s register is the integral of its power', async () => {
    const { field, street } = await bench.open();
    const power = await street.read(1, EM24, 'power');
    const before = await street.read(1, EM24, 'import');
    bench.clock.stepCivil(instant(EVENING + 100 * HOUR_MS));
    field.settle();
    expect((await street.read(1, EM24, 'import')) - before).toBeCloseTo(power / 10, 0);
  });

  test('contactors cut their segment; silence of the writer closes them again', async () => {
    const { street } = await bench.open();
    await street.writeRegister(2, 0, 60);
    await street.writeCoil(2, 1, false);
    await bench.clock.advance(5000);
    expect([await lampPower(street, 5), await lampPower(street, 6), await lampStatus(street, 6)]).toEqual([28, 0, 1]);
    await bench.clock.advance(70_000);
    expect(await street.read(2, CABINET, 'segment_contactor', { index: 1 })).toBe(1);
    expect([await lampLevel(street, 6), (await lampStatus(street, 6)) & 0b1000_0000]).toEqual([100, 0b1000_0000]);
  });

  test('people pass, and presence ends after its hold time', async () => {
    const { street } = await bench.open();
    const before = await street.read(5, 'axone-demo-presence', 'passages_total');
    await street.writeRegister(5, 0, 3600);
    await bench.clock.advance(600_000);
    expect(await street.read(5, 'axone-demo-presence', 'passages_total')).toBeGreaterThan(before);
    expect(await street.read(5, 'axone-demo-presence', 'presence')).toBe(1);
    await street.writeRegister(5, 0, 0);
    expect(await street.read(5, 'axone-demo-presence', 'presence')).toBe(0);
  });
});

describe('a building that lives', () => {
  test('relays are written one by one and read back', async () => {
    const { building } = await bench.open();
    await building.writeCoil(40, 0, false);
    expect(await building.read(40, RELAYS, 'relay', { index: 0 })).toBe(0);
    expect(await building.read(40, RELAYS, 'relay', { index: 8 })).toBe(1);
    await building.writeCoil(40, 0, true);
    expect(await building.read(40, RELAYS, 'relay', { index: 0 })).toBe(1);
  });

  test('the common parts draw on three phases, powers in kW and energies in Wh on the wire', async () => {
    const { building } = await bench.open();
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
