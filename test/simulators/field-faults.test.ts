import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Field } from '#simulators/index.ts';
import { until } from '#test/services/until.ts';
import { type FieldReader, openFieldReader } from './field-reader.ts';
import { CABINET, createFieldBench, DALI, EM24, type FieldBench, lampLevel, lampPower, lampStatus, SDM } from './open-field.ts';

describe('faults', () => {
  let bench: FieldBench;
  let field: Field;
  let street: FieldReader;
  let building: FieldReader;

  beforeEach(async () => {
    bench = createFieldBench();
    ({ field, street, building } = await bench.open());
  });

  afterEach(() => bench.close());

  test('a failed lamp stands by and says so; replaced, it burns again', async () => {
    field.inject({ kind: 'lamp-failure', target: 'luminaire-05' });
    await bench.clock.advance(8000);
    expect([await lampPower(street, 4), await lampStatus(street, 4)]).toEqual([0, 0b10]);
    expect(await street.read(3, DALI, 'led_failure_status', { line: 0, sa: 4 })).toBe(0b10);
    field.clear({ kind: 'lamp-failure', target: 'luminaire-05' });
    await bench.clock.advance(8000);
    expect([await lampPower(street, 4), await lampStatus(street, 4)]).toEqual([28, 0b100]);
  });

  test('a day burner draws its full power at level 0', async () => {
    field.inject({ kind: 'day-burner', target: 'luminaire-05' });
    await street.writeRegister(3, 6800, 0);
    await bench.clock.advance(8000);
    expect([await lampLevel(street, 4), await lampPower(street, 4), await lampPower(street, 5)]).toEqual([0, 28, 0]);
    field.clear({ kind: 'day-burner', target: 'luminaire-05' });
    await bench.clock.advance(8000);
    expect(await lampPower(street, 4)).toBe(0);
  });

  test('a gear whose dimming failed keeps its level', async () => {
    field.inject({ kind: 'dimming-failure', target: 'luminaire-05' });
    await street.writeRegister(3, 6800, 30);
    await bench.clock.advance(8000);
    expect([await lampLevel(street, 4), await lampPower(street, 4), await lampLevel(street, 5)]).toEqual([100, 28, 30]);
    field.clear({ kind: 'dimming-failure', target: 'luminaire-05' });
    await bench.clock.advance(8000);
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
    await bench.clock.advance(3000);
    expect(await street.read(2, CABINET, 'breaker_tripped', { index: 3 })).toBe(1);
    expect([await lampPower(street, 17), await lampPower(street, 18)]).toEqual([40, 0]);
    field.clear({ kind: 'breaker-tripped', target: 'segment-4' });
    await bench.clock.advance(8000);
    expect(await street.read(2, CABINET, 'breaker_tripped', { index: 3 })).toBe(0);
    expect(Math.abs((await lampPower(street, 18)) - 62)).toBeLessThanOrEqual(1);
  });

  test('a silent unit lets the client wait, and the others answer', async () => {
    const [, listening] = field.listening();
    const impatient = await openFieldReader(listening?.port ?? 0, 150);
    field.inject({ kind: 'silent-unit', target: 'meter-d03' });
    await expect(impatient.read(13, SDM, 'power')).rejects.toMatchObject({ name: 'TransactionTimedOutError' });
    expect(await building.read(14, SDM, 'voltage')).toBeGreaterThan(200);
    await impatient.close();
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
    await bench.clock.advance(899);
    expect(answered).toBe(false);
    await bench.clock.advance(1);
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
    expect(bench.logger.lines.filter(({ event }) => event === 'fault-injected')).toEqual([]);
  });
});
