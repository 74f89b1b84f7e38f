import { createInfluxdbStore } from '#adapters/time-series-store/influxdb/influxdb-store.ts';
import { createSqliteStore } from '#adapters/time-series-store/sqlite/sqlite-store.ts';
import type { SeriesValue, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { instant } from '#domain/civil-time.ts';
import { pointId } from '#domain/identifiers.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { pointName, REPLAYED, type Replay, type Replayed } from './replay.ts';

export interface StoredSeries {
  readonly point: number;
  readonly quantity: Replayed;
  readonly values: readonly SeriesValue[];
}

/** Looks into the store past ingest. */
export interface StoreReader {
  /** Whether batches from one to another, both included, are there, by some of their series, others each time. Rejects when the store does not answer. */
  holds(from: number, to: number): Promise<boolean>;
  /** Everything there is of the points of the replay, whatever its instants. */
  all(): AsyncIterable<StoredSeries>;
  close(): Promise<void>;
}

/** Series looked at for each question: a batch is written whole or not at all. */
const LOOKED_AT = 4;
const LONG_AGO = instant(0);
const FAR_AHEAD = instant(Date.UTC(2200, 0, 1));

export type OpenStore = () => Promise<TimeSeriesStore>;

export const openSqlite =
  (file: string): OpenStore =>
  () =>
    createSqliteStore({ file, logger: silentLogger });

export const openInfluxdb =
  (url: string, database: string): OpenStore =>
  async () =>
    createInfluxdbStore({ url, database, dwellingDatabase: `${database}_dwellings`, logger: silentLogger });

export const openStoreReader = async (open: OpenStore, { startsAt, batchMs, batches, points }: Replay): Promise<StoreReader> => {
  const store = await open();
  const seriesCount = points * REPLAYED.length;
  let turn = 0;
  const seriesOf = (index: number) => ({
    point: Math.floor(index / REPLAYED.length) % points,
    quantity: REPLAYED[index % REPLAYED.length] ?? REPLAYED[0],
  });
  const read = (index: number, from: number, to: number, limit: number): Promise<readonly SeriesValue[]> => {
    const { point, quantity } = seriesOf(index);
    const span = { from: instant(from), to: instant(to) };
    return store.series({ point: pointId(pointName(point)), privacy: 'operational', quantity, ...span }, limit);
  };

  return {
    holds: async (from, to) => {
      const expected = to - from + 1;
      const [first, end] = [startsAt + from * batchMs, startsAt + (to + 1) * batchMs];
      turn += 1;
      // a step without a divisor in common with the number of series comes by all of them
      const looked = Array.from({ length: LOOKED_AT }, (_, index) => (turn + index * 13) % seriesCount);
      const found = await Promise.all(looked.map((index) => read(index, first, end, expected + 1)));
      return found.every(({ length }) => length === expected);
    },
    async *all() {
      for (let index = 0; index < seriesCount; index += 1)
        yield { ...seriesOf(index), values: await read(index, LONG_AGO, FAR_AHEAD, batches * 2) };
    },
    close: () => store.close(),
  };
};
