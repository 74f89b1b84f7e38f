import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { instant, parseInstant } from '#domain/civil-time.ts';
import { flat, type KeepingHouse, meter, startKeepingHouse } from './keeping-house.ts';

const BEGAN = '2026-11-24T12:00:00Z';
const everything = { from: instant(0), to: instant(8e12) } as const;
/** Values that are found in a file if they are there: eight bytes that nothing else writes. */
const MARKED = 123_456.789_012_345;
const marks = (content: Buffer): number => {
  const mark = Buffer.alloc(8);
  mark.writeDoubleBE(MARKED);
  let count = 0;
  for (let at = content.indexOf(mark); at >= 0; at = content.indexOf(mark, at + 1)) count += 1;
  return count;
};

describe.each(['SQLite', 'InfluxDB'] as const)('retention on %s', (engine) => {
  let house: KeepingHouse;
  afterEach(() => house.stop());

  const found = async (point: typeof flat, privacy: 'dwelling' | 'operational') => {
    const series = { point, privacy, quantity: 'energyImportedWh', ...everything } as const;
    const of = async (step: '10min' | 'hour' | 'day' | 'month') => (await house.store.rollups({ ...series, step })).length > 0;
    return {
      readings: (await house.store.series(series, 10)).length > 0,
      '10min': await of('10min'),
      hour: await of('hour'),
      day: await of('day'),
      month: await of('month'),
    };
  };

  test('a dwelling keeps its half-hours two years, its days three, its months seven; lighting longer; by itself', async () => {
    house = await startKeepingHouse(engine, BEGAN);
    const start = parseInstant('2026-11-22T23:00:00Z');
    const halfHours = Array.from({ length: 49 }, (_, index) => [instant(start + index * 1_800_000), MARKED + index] as const);
    await house.write(flat, 'energyImportedWh', halfHours);
    await house.write(meter, 'energyImportedWh', halfHours);
    const all = { readings: true, '10min': true, hour: true, day: true, month: true };
    const infraDaily = { readings: false, '10min': false, hour: false };

    await house.moveTo('2026-11-24T13:30:00Z');
    expect(await found(flat, 'dwelling')).toEqual(all);
    await house.moveTo('2028-11-20T12:00:00Z');
    expect(await found(flat, 'dwelling')).toEqual(all);
    await house.moveTo('2028-11-26T12:00:00Z');
    expect(await found(flat, 'dwelling')).toEqual({ ...infraDaily, day: true, month: true });
    expect(await found(meter, 'operational')).toEqual(all);
    await house.moveTo('2029-11-26T12:00:00Z');
    expect(await found(flat, 'dwelling')).toEqual({ ...infraDaily, day: false, month: true });
    expect(await found(meter, 'operational')).toEqual({ ...all, readings: false });
    await house.moveTo('2033-12-02T12:00:00Z');
    expect(await found(flat, 'dwelling')).toEqual({ ...infraDaily, day: false, month: false });
    expect(await found(meter, 'operational')).toEqual({ ...infraDaily, hour: true, day: true, month: true });
    await house.moveTo('2047-01-01T12:00:00Z');
    expect(await found(meter, 'operational')).toEqual({ ...infraDaily, day: false, month: false });
  });
});

test('what has expired is in no byte of the SQLite file nor of its log', async () => {
  const house = await startKeepingHouse('SQLite', BEGAN);
  const start = parseInstant('2026-11-22T23:00:00Z');
  const wholeFile = async () => Buffer.concat([await readFile(house.file), await readFile(`${house.file}-wal`)]);
  await house.write(
    flat,
    'energyImportedWh',
    Array.from({ length: 48 }, (_, index) => [instant(start + index * 1_800_000), MARKED]),
  );
  await house.moveTo('2026-11-24T13:30:00Z');
  expect(marks(await wholeFile())).toBeGreaterThanOrEqual(48);
  await house.moveTo('2028-11-26T12:00:00Z');
  expect(marks(await wholeFile())).toBe(0);
  await house.stop();
});

test('an erased dwelling is in no byte of the SQLite file nor of its log', async () => {
  const house = await startKeepingHouse('SQLite', BEGAN);
  await house.write(flat, 'energyImportedWh', [
    ['2026-11-22T23:00:00Z', MARKED],
    ['2026-11-23T23:00:00Z', MARKED],
  ]);
  await house.rollUp();
  await house.store.erase({ point: flat, privacy: 'dwelling' });
  const content = Buffer.concat([await readFile(house.file), await readFile(`${house.file}-wal`)]);
  expect(marks(content)).toBe(0);
  expect(content.includes(flat)).toBe(false);
  await house.stop();
});
