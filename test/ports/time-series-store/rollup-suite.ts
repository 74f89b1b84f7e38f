import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StaleHours, StoredRollup, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import type { PointId } from '#domain/identifiers.ts';
import { AGAIN, evening, FRESH, later, measured, newPoint, reading, type StoreUnderTest } from './store-suite.ts';

/** What the port promises of rollups, of hours to be made again and of what expires, whatever keeps the series. */
export const describeRollups = (name: string, start: () => Promise<StoreUnderTest>): void => {
  describe(`rollups in the time-series store on ${name}`, () => {
    let running: StoreUnderTest;
    let store: TimeSeriesStore;
    let lamp: PointId;

    beforeAll(async () => {
      running = await start();
      store = running.store;
    });
    afterAll(async () => {
      await store.close();
      await running.stop();
    });
    beforeEach(() => {
      lamp = newPoint();
    });

    const powers = (point: PointId, from: Instant, to: Instant) =>
      store.series({ point, privacy: 'operational', quantity: 'activePowerW', from, to }, 100);
    const staleOf = async (point: PointId): Promise<readonly StaleHours[]> =>
      (await store.stale(1e5)).filter((hours) => hours.point === point);
    const staleInstants = async (point: PointId) => (await staleOf(point)).flatMap(({ hours }) => hours).sort();
    const bucket = (at: Instant, value: number | null, more: Partial<StoredRollup['bucket']> = {}): StoredRollup['bucket'] => ({
      at,
      value,
      min: value,
      max: value,
      coverage: value === null ? 0 : 1,
      quality: value === null ? 'missing' : 'measured',
      flags: value === null ? ['gap'] : [],
      ...more,
    });
    const rollup = (point: PointId, step: StoredRollup['step'], content: StoredRollup['bucket']): StoredRollup => ({
      point,
      privacy: 'operational',
      quantity: 'energyImportedWh',
      step,
      bucket: content,
    });
    const dayRollups = (point: PointId, from: Instant, to: Instant) =>
      store.rollups({ point, privacy: 'operational', quantity: 'energyImportedWh', step: 'day', from, to });
    const everything = { from: instant(0), to: instant(8e12) } as const;

    test('what is written makes its hours stale until they are settled, and a write meanwhile keeps them stale', async () => {
      await store.write(
        [0, 60, 3_600].map((second) => reading(lamp, later(evening, second), [measured('activePowerW', 1)])),
        FRESH,
      );
      expect(await staleInstants(lamp)).toEqual([evening, later(evening, 3_600)]);
      const taken = await staleOf(lamp);
      await store.write([reading(lamp, later(evening, 61), [measured('activePowerW', 2)])], FRESH);
      await store.settle(taken);
      expect(await staleInstants(lamp)).toContain(evening);
      await store.settle(await staleOf(lamp));
      expect(await staleInstants(lamp)).toEqual([]);
      await store.write([reading(lamp, evening, [measured('activePowerW', 3)])], AGAIN);
      expect(await staleInstants(lamp)).toEqual([evening]);
    });

    test('rollups are read back by period, and replaced by a later making', async () => {
      const days = [0, 86_400, 2 * 86_400].map((second) => later(evening, second));
      await store.writeRollups(days.map((at, index) => rollup(lamp, 'day', bucket(at, 1_000.5 + index))));
      await store.writeRollups([
        rollup(lamp, 'hour', bucket(evening, 7)),
        rollup(
          lamp,
          'day',
          bucket(days[1] ?? evening, 12.25, {
            coverage: 0.5,
            quality: 'estimated',
            flags: ['gap', 'reset'],
          }),
        ),
        rollup(lamp, 'day', bucket(days[2] ?? evening, null)),
      ]);
      expect(await dayRollups(lamp, evening, days[2] ?? evening)).toEqual([
        bucket(evening, 1_000.5),
        { at: days[1], value: 12.25, min: 12.25, max: 12.25, coverage: 0.5, quality: 'estimated', flags: ['gap', 'reset'] },
      ]);
      expect((await dayRollups(lamp, days[2] ?? evening, instant(8e12))).map(({ value, quality }) => [value, quality])).toEqual([
        [null, 'missing'],
      ]);
      expect(await dayRollups(newPoint(), instant(0), instant(8e12))).toEqual([]);
    });

    test('the rollups of several points add up, saying how many points are in each sum and what it is worth', async () => {
      const [other, silent] = [newPoint(), newPoint()];
      const next = later(evening, 86_400);
      await store.writeRollups([
        rollup(lamp, 'day', bucket(evening, 10)),
        rollup(other, 'day', bucket(evening, 5, { quality: 'estimated', coverage: 0.5, flags: ['gap'] })),
        rollup(lamp, 'day', bucket(next, 1)),
        rollup(other, 'day', bucket(next, 100)),
      ]);
      await store.writeRollups([rollup(other, 'day', bucket(next, null))]);
      const points = [lamp, other, silent].map((point) => ({ point, privacy: 'operational' as const }));
      const sums = await store.sumRollups({ points, quantity: 'energyImportedWh', step: 'day', ...everything });
      expect(sums).toEqual([
        { at: evening, sum: 15, points: 2, coverage: 0.5, quality: 'estimated', flags: ['gap'] },
        expect.objectContaining({ at: next, sum: 1, points: 1, quality: 'measured' }),
      ]);
    });

    test('what has expired is gone for every read, what has not stays, and dwellings expire apart', async () => {
      const flat = newPoint();
      const old = later(evening, -86_400 * 800);
      const both = [old, evening];
      await store.write(
        both.flatMap((at) => [
          reading(flat, at, [measured('energyImportedWh', 5)], 'dwelling'),
          reading(lamp, at, [measured('activePowerW', 5)]),
        ]),
        FRESH,
      );
      await store.writeRollups(both.map((at): StoredRollup => ({ ...rollup(flat, 'hour', bucket(at, 1)), privacy: 'dwelling' })));
      await store.settle([...(await staleOf(flat)), ...(await staleOf(lamp))]);
      const before = later(evening, -86_400 * 730);
      await store.expire({ privacy: 'dwelling', kind: 'readings', before });
      await store.expire({ privacy: 'dwelling', kind: 'hour', before });
      const flatPoint = { point: flat, privacy: 'dwelling', quantity: 'energyImportedWh' } as const;
      expect((await store.series({ ...flatPoint, ...everything }, 10)).map(({ at }) => at)).toEqual([evening]);
      expect((await store.rollups({ ...flatPoint, step: 'hour', ...everything })).map(({ at }) => at)).toEqual([evening]);
      expect(await store.lastAtOrBefore(flatPoint, 'energyImportedWh', before)).toBeNull();
      expect(await powers(lamp, instant(0), instant(8e12))).toHaveLength(2);
    });

    test('an erased point has no rollup left, and nothing stale', async () => {
      await store.write([reading(lamp, evening, [measured('energyImportedWh', 5)])], FRESH);
      await store.writeRollups([rollup(lamp, 'day', bucket(evening, 10)), rollup(lamp, 'hour', bucket(evening, 10))]);
      await store.erase({ point: lamp, privacy: 'operational' });
      expect(await dayRollups(lamp, instant(0), instant(8e12))).toEqual([]);
      expect(await staleOf(lamp)).toEqual([]);
    });
  });
};
