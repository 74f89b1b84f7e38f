import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instant, parseInstant } from '#domain/civil-time.ts';
import { pointId } from '#domain/identifiers.ts';
import { flat, type KeepingHouse, meter, startKeepingHouse, steadyRegister } from './keeping-house.ts';

const values = (buckets: readonly { readonly value: number | null }[]) => buckets.map(({ value }) => value);
const sum = (buckets: readonly { readonly value: number | null }[]) =>
  buckets.reduce((total, { value }) => total + (value ?? 0), 0);

describe.each(['SQLite', 'InfluxDB'] as const)('rollups on %s', (engine) => {
  let house: KeepingHouse;
  beforeAll(async () => {
    house = await startKeepingHouse(engine, '2026-11-24T12:00:00Z');
  });
  afterAll(() => house.stop());

  test('the night of the autumn change has 25 hours, and its energy is the day’s', async () => {
    // 25 October 2026, Europe/Paris: from 22:00 UTC the day before to 23:00 UTC.
    await house.write(meter, 'energyImportedWh', steadyRegister('2026-10-24T20:00:00Z', '2026-10-26T01:00:00Z', 5_000, 10));
    await house.rollUp();
    const period = ['2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'] as const;
    const hours = await house.buckets(meter, 'energyImportedWh', 'hour', ...period);
    const [day, ...others] = await house.buckets(meter, 'energyImportedWh', 'day', ...period);
    expect(values(hours)).toEqual(Array.from({ length: 25 }, () => 600));
    expect(await house.buckets(meter, 'energyImportedWh', '10min', ...period)).toHaveLength(150);
    expect(others).toEqual([]);
    expect(day).toMatchObject({ at: parseInstant(period[0]), value: 25 * 600, coverage: 1, quality: 'measured' });
  });

  test('the night of the spring change has 23 hours', async () => {
    await house.write(meter, 'energyImportedWh', steadyRegister('2026-03-28T22:00:00Z', '2026-03-29T23:00:00Z', 1_000, 10));
    await house.rollUp();
    const period = ['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'] as const;
    expect(values(await house.buckets(meter, 'energyImportedWh', 'hour', ...period))).toHaveLength(23);
    expect(values(await house.buckets(meter, 'energyImportedWh', 'day', ...period))).toEqual([23 * 600]);
  });

  test('a power is a mean over time with its least and its most, and a day with a hole says how much is covered', async () => {
    const lamp = pointId('point-republique-l01');
    const minutes = Array.from({ length: 12 * 60 }, (_, minute) => minute);
    const start = parseInstant('2026-09-09T22:00:00Z');
    await house.write(
      lamp,
      'activePowerW',
      minutes.map((minute) => [instant(start + minute * 60_000), minute < 360 ? 20 : 40]),
    );
    await house.rollUp();
    const [day] = await house.buckets(lamp, 'activePowerW', 'day', '2026-09-09T22:00:00Z', '2026-09-10T22:00:00Z');
    expect(day?.value).toBeCloseTo(30, 1);
    expect(day).toMatchObject({ min: 20, max: 40, flags: expect.arrayContaining(['gap']) });
    expect(day?.coverage).toBeCloseTo(0.5, 2);
    const [month] = await house.buckets(lamp, 'activePowerW', 'month', '2026-08-31T22:00:00Z', '2026-09-30T22:00:00Z');
    expect(month?.value).toBeCloseTo(30, 1);
    expect(month?.coverage).toBeCloseTo(0.5 / 30, 3);
  });

  test('a late, a repeated and a corrected reading change the buckets they are in, as if they had come in time', async () => {
    const point = pointId('point-republique-late');
    const all = steadyRegister('2026-11-20T23:00:00Z', '2026-11-21T23:00:00Z', 0, 10);
    const hole = all.filter(([at]) => at < parseInstant('2026-11-21T08:00:00Z') || at >= parseInstant('2026-11-21T11:00:00Z'));
    const period = ['2026-11-20T23:00:00Z', '2026-11-21T23:00:00Z'] as const;
    await house.write(point, 'energyImportedWh', hole);
    await house.rollUp();
    const holed = await house.buckets(point, 'energyImportedWh', 'hour', ...period);
    expect(holed.filter(({ coverage }) => coverage < 0.999)).toHaveLength(4);
    expect(holed.find(({ at }) => at === parseInstant('2026-11-21T09:00:00Z'))).toMatchObject({
      value: null,
      quality: 'missing',
    });
    expect(sum(await house.buckets(point, 'energyImportedWh', 'day', ...period))).toBe(14_400);

    await house.write(point, 'energyImportedWh', all);
    await house.rollUp();
    const whole = await house.buckets(point, 'energyImportedWh', 'hour', ...period);
    expect(values(whole)).toEqual(Array.from({ length: 24 }, () => 600));
    expect(whole.every(({ flags }) => flags.includes('late'))).toBe(true);

    await house.write(point, 'energyImportedWh', [['2026-11-21T23:00:00Z', 14_410]]);
    await house.rollUp();
    expect(values(await house.buckets(point, 'energyImportedWh', 'day', ...period))).toEqual([14_410]);
    expect(await house.rollUp()).toBe(0);
  });

  test('a dwelling read once a day has its days and its month, and no hour is invented', async () => {
    const days = Array.from(
      { length: 32 },
      (_, day) => [instant(parseInstant('2026-09-30T22:00:00Z') + day * 86_400_000), day * 9_000] as const,
    );
    await house.write(flat, 'energyImportedWh', days);
    await house.rollUp();
    const period = ['2026-09-30T22:00:00Z', '2026-10-31T23:00:00Z'] as const;
    const made = await house.buckets(flat, 'energyImportedWh', 'day', ...period);
    expect(made).toHaveLength(31);
    expect(made[3]).toMatchObject({ value: 9_000, quality: 'measured', coverage: 1 });
    expect(sum(await house.buckets(flat, 'energyImportedWh', 'hour', ...period))).toBe(0);
    const [month] = await house.buckets(flat, 'energyImportedWh', 'month', ...period);
    expect(month?.value).toBeCloseTo(sum(made), 6);
  });

  test('what a register counted over three weeks of silence is in the month, and in no day', async () => {
    const point = pointId('point-republique-silent');
    await house.write(point, 'energyImportedWh', [
      ['2026-05-31T22:00:00Z', 1_000],
      ['2026-06-24T22:00:00Z', 25_000],
      ['2026-06-30T22:00:00Z', 31_000],
    ]);
    await house.rollUp();
    const period = ['2026-05-31T22:00:00Z', '2026-06-30T22:00:00Z'] as const;
    expect(sum(await house.buckets(point, 'energyImportedWh', 'day', ...period))).toBeCloseTo(6_000, 6);
    const [month] = await house.buckets(point, 'energyImportedWh', 'month', ...period);
    expect(month).toMatchObject({ value: 30_000, quality: 'measured', coverage: 1 });
  });

  test('a meter that is replaced, one that begins again and one that jumps are flagged, and count no energy that was not', async () => {
    house.replaced.push(parseInstant('2026-07-10T10:00:30Z'));
    await house.write(meter, 'energyImportedWh', [
      ...steadyRegister('2026-07-09T22:00:00Z', '2026-07-10T10:00:00Z', 900_000, 10),
      ...steadyRegister('2026-07-10T10:01:00Z', '2026-07-10T15:00:00Z', 0, 10),
      ...steadyRegister('2026-07-10T15:01:00Z', '2026-07-10T22:00:00Z', 90_000_000, 10),
    ]);
    await house.rollUp();
    const [day] = await house.buckets(meter, 'energyImportedWh', 'day', '2026-07-09T22:00:00Z', '2026-07-10T22:00:00Z');
    expect(day?.flags).toEqual(expect.arrayContaining(['replacement', 'jump']));
    expect(day).toMatchObject({ value: 14_400 - 20, quality: 'estimated' });
  });

  test('rollups made each hour, while readings come, are those made once at the end', async () => {
    const [hourly, once] = [pointId('point-republique-hourly'), pointId('point-republique-once')];
    const from = parseInstant('2026-11-18T23:00:00Z');
    const isLost = (minute: number): boolean => (minute > 500 && minute < 620) || minute % 97 === 0;
    const minutes = Array.from({ length: 1_440 }, (_, minute) => minute).filter((minute) => !isLost(minute));
    const register = (minute: number): number => (minute < 900 ? minute : minute - 900) * 10;
    const write = async (point: typeof hourly, own: readonly number[]) => {
      const at = (minute: number) => instant(from + minute * 60_000);
      await house.write(
        point,
        'energyImportedWh',
        own.map((minute) => [at(minute), register(minute)]),
      );
      await house.write(
        point,
        'activePowerW',
        own.map((minute) => [at(minute), 600 + (minute % 50)]),
      );
    };
    for (let hour = 0; hour < 24; hour += 1) {
      await write(
        hourly,
        minutes.filter((minute) => Math.floor(minute / 60) === hour),
      );
      await house.keeping.rollups.rollUp(instant(from + (hour + 1) * 3_600_000 + 420_000));
    }
    await write(once, minutes);
    await house.rollUp();
    const period = ['2026-11-18T23:00:00Z', '2026-11-19T23:00:00Z'] as const;
    for (const quantity of ['energyImportedWh', 'activePowerW'] as const)
      for (const step of ['10min', 'hour', 'day'] as const) {
        const plain = async (point: typeof hourly) =>
          (await house.buckets(point, quantity, step, ...period)).map(({ flags, value, ...rest }) => ({
            ...rest,
            coverage: Math.round(rest.coverage * 1_000),
            value: value === null ? null : Math.round(value * 100) / 100,
            flags: flags.filter((flag) => flag !== 'late'),
          }));
        expect(await plain(hourly)).toEqual(await plain(once));
      }
  });

  test('a register that disagrees with the power beside it is flagged, and stays the energy', async () => {
    const point = pointId('point-republique-drift');
    const register = steadyRegister('2026-08-04T22:00:00Z', '2026-08-05T22:00:00Z', 0, 10);
    await house.write(point, 'energyImportedWh', register);
    await house.write(
      point,
      'activePowerW',
      register.map(([at]) => [at, 500]),
    );
    await house.rollUp();
    const [day] = await house.buckets(point, 'energyImportedWh', 'day', '2026-08-04T22:00:00Z', '2026-08-05T22:00:00Z');
    expect(day).toMatchObject({ value: 14_400, flags: expect.arrayContaining(['drift']) });
  });
});
