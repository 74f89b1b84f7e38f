import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryShelf } from '#adapters/document-shelf/in-memory.ts';
import { instant } from '#domain/civil-time.ts';
import { until } from '#test/services/until.ts';
import type { FieldReader } from './field-reader.ts';
import { createFieldBench, D4I, EM24, EVENING, type FieldBench, IEM, lampLevel, RELAYS, SDM } from './open-field.ts';

const HOUR_MS = 3_600_000;

let bench: FieldBench;

beforeEach(() => {
  bench = createFieldBench();
});

afterEach(() => bench.close());

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
    const first = await bench.open(shelf);
    await first.street.writeRegister(3, 415, 35);
    await first.building.writeCoil(40, 6, false);
    await bench.clock.advance(10_000);
    const before = await registers(first.street, first.building);
    await first.field.stop();

    const second = await bench.open(shelf);
    expect(await registers(second.street, second.building)).toEqual(before);
    expect(await lampLevel(second.street, 4)).toBe(35);
    expect(await second.building.read(40, RELAYS, 'relay', { index: 6 })).toBe(0);
    await second.field.stop();

    bench.clock.stepCivil(instant(bench.clock.civilNow() + 6 * HOUR_MS));
    const third = await bench.open(shelf);
    const after = await registers(third.street, third.building);
    expect(after.every((value, place) => value >= (before[place] ?? 0))).toBe(true);
    expect((after[1] ?? 0) - (before[1] ?? 0)).toBeCloseTo(6 * 28 * 0.36, -1);
  });

  test('goes on with a level that was written just before it was killed', async () => {
    const shelf = createMemoryShelf();
    const { street } = await bench.open(shelf);
    await street.writeRegister(3, 415, 35);
    await until(
      'the level is on the shelf',
      async () => (await shelf.get('field-street'))?.includes('"askedPercent":35') === true,
    );
    const second = await bench.open(shelf);
    await bench.clock.advance(8000);
    expect(await lampLevel(second.street, 4)).toBe(35);
  });

  test('without a memory shows the same flats and common parts at the same instant', async () => {
    const first = await bench.open();
    const second = await bench.open();
    expect(await registers(second.street, second.building)).toEqual(await registers(first.street, first.building));
  });

  test('whose memory is damaged says so and begins anew', async () => {
    const shelf = createMemoryShelf();
    await shelf.put('field-street', '{"version":1,"past":{"livedUntil":"yesterday"}}');
    await shelf.put('field-building', 'not JSON');
    const { street } = await bench.open(shelf);
    expect(await lampLevel(street, 4)).toBe(100);
    expect(
      bench.logger.lines.filter(({ event }) => event === 'field-memory-unreadable').map(({ fields }) => fields['name']),
    ).toEqual(['field-street', 'field-building']);
  });
});

describe('the civil clock', () => {
  test('two days are caught up in well under a second', async () => {
    const { field } = await bench.open();
    const before = process.cpuUsage();
    bench.clock.stepCivil(instant(EVENING + 48 * HOUR_MS));
    field.settle();
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(1);
  });

  test('going backwards moves nothing, is said once, and life goes on when it has caught up', async () => {
    const { field, building } = await bench.open();
    const before = await building.read(1, IEM, 'import');
    bench.clock.stepCivil(instant(EVENING - HOUR_MS));
    field.settle();
    field.settle();
    expect(await building.read(1, IEM, 'import')).toBe(before);
    expect(bench.logger.lines.filter(({ event }) => event === 'civil-clock-went-back')).toHaveLength(2);
    bench.clock.stepCivil(instant(EVENING + HOUR_MS));
    expect(await building.read(1, IEM, 'import')).toBeGreaterThan(before);
  });
});
