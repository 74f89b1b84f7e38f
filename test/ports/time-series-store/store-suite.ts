import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Privacy, StoredReading, StoredValue, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { type Instant, instant, parseInstant } from '#domain/civil-time.ts';
import { type PointId, pointId } from '#domain/identifiers.ts';

export interface StoreUnderTest {
  readonly store: TimeSeriesStore;
  stop(): Promise<void>;
}

export const evening = parseInstant('2026-11-24T21:00:00Z');
export const later = (from: Instant, seconds: number): Instant => instant(from + seconds * 1000);

export const reading = (point: PointId, at: Instant, values: StoredReading['values'], privacy: Privacy = 'operational') => ({
  point,
  privacy,
  at,
  values,
});
export const measured = (quantity: StoredValue['quantity'], value: number): StoredValue => ({
  quantity,
  value,
  quality: 'measured',
});
export const missing = (quantity: StoredValue['quantity']): StoredValue => ({ quantity, value: null, quality: 'missing' });

let nextPoint = 0;
/** A point of its own for each test: the store is shared, as in the field. */
export const newPoint = (): PointId => {
  nextPoint += 1;
  return pointId(`point-suite-${nextPoint}`);
};

export const FRESH = { redelivered: false } as const;
export const AGAIN = { redelivered: true } as const;

/** The same promises of the port, whatever keeps the series. */
export const describeTimeSeriesStore = (name: string, start: () => Promise<StoreUnderTest>): void => {
  describe(`the time-series store on ${name}`, () => {
    let running: StoreUnderTest;
    let store: TimeSeriesStore;
    let lamp: PointId;

    const powers = (point: PointId, from: Instant, to: Instant, limit = 100) =>
      store.series({ point, privacy: 'operational', quantity: 'activePowerW', from, to }, limit);

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

    test('answers', async () => {
      await store.ping();
    });

    test('what was written is read back exactly, to the last bit and the millisecond', async () => {
      const at = instant(evening + 250);
      const values = [
        measured('activePowerW', 21.1),
        measured('activeEnergyWh', 182_400.000_000_1),
        measured('voltageV', 0.1 + 0.2),
      ];
      await store.write([reading(lamp, at, values)], FRESH);
      const read = await store.latest([{ point: lamp, privacy: 'operational' }]);
      expect(read.get(lamp)).toEqual(new Map(values.map(({ quantity, value, quality }) => [quantity, { at, value, quality }])));
    });

    test('negative, large, small and zero values keep their sign and size', async () => {
      const samples = [-5.25, 0, 1e9, 1e-7, 123_456_789.123_456_79];
      await store.write(
        samples.map((value, index) => reading(lamp, later(evening, index), [measured('activePowerW', value)])),
        FRESH,
      );
      expect((await powers(lamp, evening, later(evening, 60))).map(({ value }) => value)).toEqual(samples);
    });

    test('a batch written twice is there once, and conflicts with nothing', async () => {
      const batch = [0, 10, 20].map((seconds) => reading(lamp, later(evening, seconds), [measured('activePowerW', seconds)]));
      await store.write(batch, FRESH);
      expect(await store.write(batch, AGAIN)).toEqual({ conflicts: [] });
      expect(await powers(lamp, evening, later(evening, 60))).toHaveLength(3);
    });

    test('a different value for the same key replaces it and is reported', async () => {
      await store.write([reading(lamp, evening, [measured('activePowerW', 40), measured('voltageV', 230)])], FRESH);
      const outcome = await store.write(
        [reading(lamp, evening, [measured('activePowerW', 41), measured('voltageV', 230)])],
        AGAIN,
      );
      expect(outcome.conflicts).toEqual([{ point: lamp, quantity: 'activePowerW', at: evening }]);
      expect(await powers(lamp, evening, later(evening, 1))).toEqual([{ at: evening, value: 41, quality: 'measured' }]);
    });

    test('the same value with a better quality replaces it and is reported', async () => {
      await store.write([reading(lamp, evening, [{ quantity: 'activePowerW', value: 40, quality: 'estimated' }])], FRESH);
      const outcome = await store.write([reading(lamp, evening, [measured('activePowerW', 40)])], AGAIN);
      expect(outcome.conflicts).toHaveLength(1);
      expect(await powers(lamp, evening, later(evening, 1))).toEqual([{ at: evening, value: 40, quality: 'measured' }]);
    });

    test('a missing value is kept as missing, never as zero', async () => {
      await store.write([reading(lamp, evening, [missing('activePowerW'), measured('voltageV', 230)])], FRESH);
      expect(await powers(lamp, evening, later(evening, 1))).toEqual([{ at: evening, value: null, quality: 'missing' }]);
    });

    test('a missing value that is known in the end is replaced, and one that is withdrawn is missing again', async () => {
      await store.write([reading(lamp, evening, [missing('activePowerW')])], FRESH);
      await store.write([reading(lamp, evening, [measured('activePowerW', 40)])], AGAIN);
      expect(await powers(lamp, evening, later(evening, 1))).toEqual([{ at: evening, value: 40, quality: 'measured' }]);
      const outcome = await store.write([reading(lamp, evening, [missing('activePowerW')])], AGAIN);
      expect(outcome.conflicts).toHaveLength(1);
      expect(await powers(lamp, evening, later(evening, 1))).toEqual([{ at: evening, value: null, quality: 'missing' }]);
      const reference = { point: lamp, privacy: 'operational' } as const;
      expect(await store.lastAtOrBefore(reference, 'activePowerW', later(evening, 60))).toBeNull();
    });

    test('estimated and doubtful values say so', async () => {
      const batch = (['estimated', 'doubtful'] as const).map((quality, index) =>
        reading(lamp, later(evening, index), [{ quantity: 'activePowerW', value: 40, quality }]),
      );
      await store.write(batch, FRESH);
      expect((await powers(lamp, evening, later(evening, 60))).map(({ quality }) => quality)).toEqual(['estimated', 'doubtful']);
    });

    test('a series comes in the order of its instants, whatever the order of writing, over midnight and over months', async () => {
      const seconds = [86_400 * 40, 5, 3 * 3600 + 1, 0, 86_400 * 7, 3 * 3600];
      for (const second of seconds)
        await store.write([reading(lamp, later(evening, second), [measured('activePowerW', second)])], FRESH);
      const read = await powers(lamp, evening, later(evening, 86_400 * 60));
      expect(read.map(({ value }) => value)).toEqual([...seconds].sort((a, b) => a - b));
    });

    test('a period holds its beginning and not its end', async () => {
      const batch = [0, 1, 2].map((second) => reading(lamp, later(evening, second), [measured('activePowerW', second)]));
      await store.write(batch, FRESH);
      expect((await powers(lamp, evening, later(evening, 2))).map(({ value }) => value)).toEqual([0, 1]);
      expect(await powers(lamp, later(evening, 2), evening)).toEqual([]);
      expect(await powers(lamp, later(evening, 10), later(evening, 20))).toEqual([]);
    });

    test('a limit gives the first values of the period', async () => {
      const batch = [3, 1, 2, 0].map((second) => reading(lamp, later(evening, second), [measured('activePowerW', second)]));
      await store.write(batch, FRESH);
      expect((await powers(lamp, evening, later(evening, 60), 2)).map(({ value }) => value)).toEqual([0, 1]);
    });

    test('the latest of each quantity is its own, and a missing one counts', async () => {
      const other = newPoint();
      await store.write(
        [
          reading(lamp, evening, [measured('activePowerW', 40), measured('activeEnergyWh', 100)]),
          reading(lamp, later(evening, 10), [missing('activePowerW')]),
        ],
        FRESH,
      );
      const read = await store.latest([
        { point: lamp, privacy: 'operational' },
        { point: other, privacy: 'operational' },
      ]);
      expect(read.get(lamp)).toEqual(
        new Map([
          ['activePowerW', { at: later(evening, 10), value: null, quality: 'missing' }],
          ['activeEnergyWh', { at: evening, value: 100, quality: 'measured' }],
        ]),
      );
      expect(read.get(other)?.size ?? 0).toBe(0);
    });

    test('the latest is not undone by a reading that arrives late', async () => {
      await store.write([reading(lamp, later(evening, 86_400), [measured('activePowerW', 41)])], FRESH);
      await store.write([reading(lamp, evening, [measured('activePowerW', 40)])], FRESH);
      const read = await store.latest([{ point: lamp, privacy: 'operational' }]);
      expect(read.get(lamp)?.get('activePowerW')?.value).toBe(41);
    });

    test('a register is read at a boundary on both sides, over missing values and over months of silence', async () => {
      const reference = { point: lamp, privacy: 'operational' } as const;
      const gap = Array.from({ length: 50 }, (_, index) =>
        reading(lamp, later(evening, 100 + index), [missing('energyImportedWh')]),
      );
      const far = later(evening, 86_400 * 90);
      await store.write(
        [
          reading(lamp, evening, [measured('energyImportedWh', 1_000)]),
          ...gap,
          reading(lamp, far, [measured('energyImportedWh', 9_000)]),
        ],
        FRESH,
      );
      const value = (found: { readonly value: number | null } | null) => found?.value;
      const last = (at: Instant) => store.lastAtOrBefore(reference, 'energyImportedWh', at).then(value);
      const first = (at: Instant) => store.firstAtOrAfter(reference, 'energyImportedWh', at).then(value);
      expect(await last(later(evening, 86_400 * 30))).toBe(1_000);
      expect(await first(later(evening, 101))).toBe(9_000);
      expect([await last(evening), await first(far)]).toEqual([1_000, 9_000]);
      expect(await last(instant(evening - 1))).toBeUndefined();
      expect(await first(instant(far + 1))).toBeUndefined();
      expect(await store.lastAtOrBefore(reference, 'energyExportedWh', far)).toBeNull();
    });

    test('the latest instant of all is known', async () => {
      const at = later(evening, 86_400 * 3_000);
      await store.write([reading(lamp, at, [measured('activePowerW', 1)])], FRESH);
      expect(await store.latestInstant()).toBe(at);
      await store.erase({ point: lamp, privacy: 'operational' });
    });

    test('a dwelling is not found among operational points, nor the contrary', async () => {
      const flat = newPoint();
      await store.write([reading(flat, evening, [measured('energyImportedWh', 5_000)], 'dwelling')], FRESH);
      const asked = { point: flat, quantity: 'energyImportedWh', from: evening, to: later(evening, 1) } as const;
      expect(await store.series({ ...asked, privacy: 'operational' }, 10)).toEqual([]);
      expect(await store.series({ ...asked, privacy: 'dwelling' }, 10)).toHaveLength(1);
      expect((await store.latest([{ point: flat, privacy: 'operational' }])).get(flat)?.size ?? 0).toBe(0);
      expect((await store.latest([{ point: flat, privacy: 'dwelling' }])).get(flat)?.size).toBe(1);
    });

    test('an erased point is gone for every read, its neighbour stays, and it may be written again', async () => {
      const [flat, neighbour] = [newPoint(), newPoint()];
      const days = [0, 86_400, 86_400 * 2].map((second) => later(evening, second));
      const batch = [flat, neighbour].flatMap((point) =>
        days.map((at) => reading(point, at, [measured('energyImportedWh', at / 1e9), missing('energyExportedWh')], 'dwelling')),
      );
      await store.write(batch, FRESH);
      await store.erase({ point: flat, privacy: 'dwelling' });

      const reference = { point: flat, privacy: 'dwelling' } as const;
      const whole = { quantity: 'energyImportedWh', from: instant(0), to: instant(8e12) } as const;
      expect(await store.series({ ...reference, ...whole }, 10)).toEqual([]);
      expect(await store.series({ ...reference, ...whole, quantity: 'energyExportedWh' }, 10)).toEqual([]);
      expect((await store.latest([reference])).get(flat)?.size ?? 0).toBe(0);
      expect(await store.lastAtOrBefore(reference, 'energyImportedWh', instant(8e12))).toBeNull();
      expect(await store.series({ point: neighbour, privacy: 'dwelling', ...whole }, 10)).toHaveLength(3);

      await store.write([reading(flat, evening, [measured('energyImportedWh', 1)], 'dwelling')], FRESH);
      expect(await store.series({ ...reference, ...whole }, 10)).toHaveLength(1);
    });

    test('two thousand readings of fifty points in one batch are all there', async () => {
      const points = Array.from({ length: 50 }, newPoint);
      const batch = points.flatMap((point) =>
        Array.from({ length: 40 }, (_, index) =>
          reading(point, later(evening, index * 1_800), [
            measured('activePowerW', index),
            measured('activeEnergyWh', index * 10),
          ]),
        ),
      );
      await store.write(batch, FRESH);
      expect(await store.write(batch, AGAIN)).toEqual({ conflicts: [] });
      for (const point of points) expect(await powers(point, evening, later(evening, 86_400))).toHaveLength(40);
    });

    test('writes made together do not disturb one another', async () => {
      const points = Array.from({ length: 10 }, newPoint);
      const writes = points.map((point, index) =>
        store.write([reading(point, evening, [measured('activePowerW', index)])], FRESH),
      );
      await Promise.all(writes);
      const read = await store.latest(points.map((point) => ({ point, privacy: 'operational' as const })));
      expect(points.map((point) => read.get(point)?.get('activePowerW')?.value)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    test('nothing written is nothing done', async () => {
      expect(await store.write([], FRESH)).toEqual({ conflicts: [] });
      expect(await store.write([reading(lamp, evening, [])], AGAIN)).toEqual({ conflicts: [] });
    });
  });
};
