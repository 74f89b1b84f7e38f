import { SqliteError } from '#adapters/sqlite/connection.ts';
import { fault, reasonOf } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type {
  PointReference,
  Privacy,
  SeriesValue,
  StoredReading,
  StoredRollup,
  TimeSeriesStore,
  WriteOutcome,
} from '#contract/ports/time-series-store.ts';
import { QUALITIES, type QuantityName } from '#contract/quantities.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import { ROLLUP_STEPS } from '#domain/energy/rollup.ts';
import type { PointId } from '#domain/identifiers.ts';
import { openSeriesThread, type SeriesThread } from './open-series-thread.ts';
import { createPointIndex, packReadings, quantityNames } from './pack-readings.ts';
import { packRollups, unpackBuckets, unpackSums } from './pack-rollups.ts';
import type { FoundLatest, PackedValues } from './series-file.ts';
import { dayOf, HOURS_A_DAY } from './slots.ts';
import { staleHoursOf, staleRowOf } from './stale-days.ts';

export interface SqliteStoreOptions {
  /** Path of the file; its folder exists. */
  readonly file: string;
  readonly logger: Logger;
}

/** Mistakes of the statement or its values; anything else is the file or the disk. */
const REFUSALS = /^SQLITE_(CONSTRAINT|MISMATCH|MISUSE|RANGE|ERROR|TOOBIG)/;

const asFault = (what: string, thrown: unknown) => {
  const isRefusal = thrown instanceof SqliteError && REFUSALS.test(thrown.code);
  const reason = reasonOf(thrown);
  return isRefusal ? fault('STORE_REFUSED', { what, reason }, thrown) : fault('STORE_UNAVAILABLE', { reason }, thrown);
};

const seriesValue = ({ at, value, quality }: FoundLatest): SeriesValue => ({
  at: instant(at),
  value,
  quality: QUALITIES[quality] ?? 'doubtful',
});

const seriesValues = ({ instants, values, qualities }: PackedValues): SeriesValue[] =>
  Array.from(instants, (at, index) => {
    const value = values[index] ?? Number.NaN;
    return seriesValue({ at, value: Number.isNaN(value) ? null : value, quality: qualities[index] ?? 0, quantity: 0 });
  });

const namesOf = (points: readonly PointReference[]): (readonly [PointId, string])[] =>
  points.map(({ point, privacy }) => [point, privacy]);

/** A store over an open thread. */
const storeOver = (thread: SeriesThread): TimeSeriesStore => {
  const index = createPointIndex();
  const names = quantityNames(thread.quantities);
  const run: SeriesThread['run'] = async (operation, parameters, given) => {
    try {
      return await thread.run(operation, parameters, given);
    } catch (thrown) {
      throw asFault(operation, thrown);
    }
  };
  const numberOf = (quantity: QuantityName): number => thread.quantities.get(quantity) ?? 0;
  const forgetAll = (points: readonly PointReference[]): void => {
    for (const { point, privacy } of points) index.forget(privacy, point);
  };

  // a write that overtook an erasure would bring rows back under a number that no longer stands for anything
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work, work);
    turn = done;
    return done;
  };

  const meet = async (points: readonly PointReference[]): Promise<void> => {
    const unmet = index.unmet(points);
    if (unmet.length === 0) return;
    const known = await run('intern', [unmet]);
    for (const [row, [point, privacy]] of unmet.entries()) {
      const found = known[row];
      if (found !== undefined) index.add(privacy, point, found);
    }
  };

  const write = async (readings: readonly StoredReading[]): Promise<WriteOutcome> => {
    await meet(readings);
    const { write: batch, given } = packReadings(readings, index, thread.quantities);
    if (batch.points.length === 0) return { conflicts: [] };
    try {
      const conflicts = await run('write', [batch], given);
      if (conflicts.length === 0) return { conflicts: [] };
      const points = new Map(readings.map(({ point, privacy }) => [index.get(privacy, point)?.id, point]));
      return {
        conflicts: conflicts.flatMap(({ point: id, quantity: number, at }) => {
          const [point, quantity] = [points.get(id), names.get(number)];
          return point === undefined || quantity === undefined ? [] : [{ point, quantity, at: instant(at) }];
        }),
      };
    } catch (thrown) {
      // the file may not have been widened
      forgetAll(readings);
      throw thrown;
    }
  };

  const writeRollups = async (rollups: readonly StoredRollup[]): Promise<void> => {
    await meet(rollups);
    const pointOf = ({ privacy, point }: StoredRollup): number => index.get(privacy, point)?.id ?? 0;
    for (const [step, ofStep] of Map.groupBy(rollups, (rollup) => rollup.step)) {
      const buckets = packRollups(ofStep, pointOf, ({ quantity }) => numberOf(quantity));
      await run('putRollups', [ROLLUP_STEPS.indexOf(step), buckets], [buckets.buffer]);
    }
  };

  /** An hour of a day at a time: a write never waits for more. */
  const expireReadings = async (privacy: Privacy, before: Instant): Promise<void> => {
    const oldest = await run('oldestDay', [privacy]);
    if (oldest === null) return;
    for (let day = oldest; day < dayOf(before); day += 1) {
      for (let hour = 0; hour < HOURS_A_DAY; hour += 1) await inTurn(() => run('expireHour', [privacy, day, hour]));
      await inTurn(() => run('forgetDay', [privacy, day]));
    }
  };

  const nearest = async ({ point, privacy }: PointReference, quantity: QuantityName, at: Instant, isBefore: boolean) => {
    const found = await run('nearest', [point, privacy, numberOf(quantity), at, isBefore]);
    return found === null ? null : seriesValue(found);
  };

  return {
    write: (readings) => inTurn(() => write(readings)),
    async series({ point, privacy, quantity, from, to }, limit) {
      if (to <= from) return [];
      return seriesValues(await run('series', [point, privacy, numberOf(quantity), from, to, limit]));
    },
    async latest(points) {
      if (points.length === 0) return new Map();
      const found = await run('latest', [namesOf(points)]);
      return new Map(
        points.map(({ point }, row) => [
          point,
          new Map(
            (found[row] ?? []).flatMap((value) => {
              const quantity = names.get(value.quantity);
              return quantity === undefined ? [] : [[quantity, seriesValue(value)] as const];
            }),
          ),
        ]),
      );
    },
    lastAtOrBefore: (point, quantity, at) => nearest(point, quantity, at, true),
    firstAtOrAfter: (point, quantity, at) => nearest(point, quantity, at, false),
    async latestInstant() {
      const at = await run('latestInstant', []);
      return at === null ? null : instant(at);
    },
    stale: async (limit, point) =>
      (await run('stale', point === undefined ? [limit] : [limit, point.point, point.privacy])).map(staleHoursOf),
    settle: (hours) => run('settle', [hours.map(staleRowOf)]),
    writeRollups: (rollups) => inTurn(() => writeRollups(rollups)),
    async rollups({ point, privacy, quantity, step, from, to }) {
      if (to <= from) return [];
      return unpackBuckets(await run('rollups', [ROLLUP_STEPS.indexOf(step), point, privacy, numberOf(quantity), from, to]));
    },
    async sumRollups({ points, quantity, step, from, to }) {
      if (to <= from) return [];
      return unpackSums(await run('sumRollups', [ROLLUP_STEPS.indexOf(step), namesOf(points), numberOf(quantity), from, to]));
    },
    async expire({ privacy, kind, before }) {
      if (kind === 'readings') await expireReadings(privacy, before);
      else await inTurn(() => run('expireRollups', [ROLLUP_STEPS.indexOf(kind), privacy, before]));
      await run('truncateLog', []);
    },
    erase: (point) =>
      inTurn(async () => {
        await run('erase', [point.point, point.privacy]);
        index.forget(point.privacy, point.point);
      }),
    ping: () => run('ping', []),
    close: () => thread.close(),
  };
};

/**
 * The series of one machine in one SQLite file. Rejects with `DATA_FOLDER_UNWRITABLE` or `DATA_FOLDER_NEWER`.
 */
export const createSqliteStore = async ({ file, logger }: SqliteStoreOptions): Promise<TimeSeriesStore> =>
  storeOver(await openSeriesThread(file, logger));
