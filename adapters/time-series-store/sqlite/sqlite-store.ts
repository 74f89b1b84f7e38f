import { type SqliteConnection, SqliteError, type SqliteResult, type SqliteStatement } from '#adapters/sqlite/connection.ts';
import { openSqliteWorker } from '#adapters/sqlite/open-sqlite-worker.ts';
import { fault, reasonOf } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type {
  PointReference,
  SeriesValue,
  StoredReading,
  StoredValue,
  TimeSeriesStore,
  WriteOutcome,
} from '#contract/ports/time-series-store.ts';
import { QUALITIES, type Quality, type QuantityName } from '#contract/quantities.ts';
import type { Instant } from '#domain/civil-time.ts';
import type { PointId } from '#domain/identifiers.ts';
import { prepareSchema } from './schema.ts';
import { createSeriesIndex, type KnownSeries, type SeriesIndex } from './series-index.ts';
import {
  ERASE_READINGS,
  ERASE_SERIES,
  FIND_CONFLICTS,
  FIRST_AT_OR_AFTER,
  FORGET_CONFLICTS,
  LAST_AT_OR_BEFORE,
  LATEST_INSTANT,
  LATEST_OF_POINT,
  SELECT_SERIES,
  TRUNCATE_LOG,
  UPSERT_READING,
  WIDEN_SERIES,
} from './statements.ts';

export interface SqliteStoreOptions {
  /** Path of the file; its folder exists. */
  readonly file: string;
  readonly logger: Logger;
}

const DAY_MS = 86_400_000;
const dayOf = (at: number): number => Math.floor(at / DAY_MS);

interface ValueRow {
  readonly at: Instant;
  readonly value: number | null;
  readonly quality: number;
}

const seriesValue = ({ at, value, quality }: ValueRow): SeriesValue => ({
  at,
  value,
  quality: QUALITIES[quality] ?? 'doubtful',
});

/** Missing whatever the sender said, when there is no value. */
const qualityCode = (value: number | null, quality: Quality): number => QUALITIES.indexOf(value === null ? 'missing' : quality);

/** Mistakes of the statement or its values; anything else is the file or the disk. */
const REFUSALS = /^SQLITE_(CONSTRAINT|MISMATCH|MISUSE|RANGE|ERROR|TOOBIG)/;

const asFault = (what: string, thrown: unknown) => {
  const isRefusal = thrown instanceof SqliteError && REFUSALS.test(thrown.code);
  const reason = reasonOf(thrown);
  return isRefusal ? fault('STORE_REFUSED', { what, reason }, thrown) : fault('STORE_UNAVAILABLE', { reason }, thrown);
};

const widened = (rows: ReadonlyMap<KnownSeries, { first: number; last: number }>): SqliteStatement[] => {
  const parameterRows = [...rows].flatMap(([series, { first, last }]) =>
    first < series.firstDay || last > series.lastDay ? [[series.id, first, last]] : [],
  );
  return parameterRows.length === 0 ? [] : [{ sql: WIDEN_SERIES, parameterRows }];
};

const gatherRows = (readings: readonly StoredReading[], index: SeriesIndex) => {
  const rows: unknown[][] = [];
  const days = new Map<KnownSeries, { first: number; last: number }>();
  for (const { point, privacy, at, values } of readings) {
    const day = dayOf(at);
    for (const { quantity, value, quality } of values) {
      const series = index.get({ point, privacy, quantity });
      if (series === undefined)
        throw fault('STORE_REFUSED', { what: `${point} ${quantity}`, reason: 'its series has no number' });
      rows.push([day, series.id, at, value, qualityCode(value, quality)]);
      const span = days.get(series);
      if (span === undefined) days.set(series, { first: day, last: day });
      else {
        span.first = Math.min(span.first, day);
        span.last = Math.max(span.last, day);
      }
    }
  }
  return { rows, days };
};

const keysOf = (readings: readonly StoredReading[]) =>
  readings.flatMap(({ point, privacy, values }) => values.map(({ quantity }: StoredValue) => ({ point, privacy, quantity })));

const latestByPoint = (points: readonly PointReference[], found: readonly unknown[]) => {
  const latest = new Map<PointId, Map<QuantityName, SeriesValue>>(points.map(({ point }) => [point, new Map()]));
  for (const row of found as (ValueRow & { point: PointId; quantity: QuantityName })[])
    latest.get(row.point)?.set(row.quantity, seriesValue(row));
  return latest;
};

/** A store over an open connection to a prepared file. */
const storeOver = (connection: SqliteConnection): TimeSeriesStore => {
  const index = createSeriesIndex(connection);
  const run = async (what: string, statements: readonly SqliteStatement[], mode: 'each' | 'atomic'): Promise<SqliteResult[]> => {
    try {
      return await connection.execute(statements, mode);
    } catch (thrown) {
      throw asFault(what, thrown);
    }
  };
  const read = async (sql: string, parameters: readonly unknown[]): Promise<unknown[]> =>
    (await run('a read', [{ sql, parameters }], 'each'))[0]?.rows ?? [];
  const nearest = async (sql: string, { point, privacy }: PointReference, quantity: QuantityName, at: Instant) => {
    const [row] = await read(sql, [point, privacy, quantity, at, dayOf(at)]);
    return row === undefined ? null : seriesValue(row as ValueRow);
  };

  // a write that overtook an erasure would bring rows back under a number that no longer stands for anything
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work, work);
    turn = done;
    return done;
  };

  const write = async (readings: readonly StoredReading[]): Promise<WriteOutcome> => {
    try {
      await index.intern(keysOf(readings));
    } catch (thrown) {
      throw asFault('new series', thrown);
    }
    const { rows, days } = gatherRows(readings, index);
    if (rows.length === 0) return { conflicts: [] };
    const statements = [
      { sql: FORGET_CONFLICTS },
      { sql: UPSERT_READING, parameterRows: rows },
      ...widened(days),
      { sql: FIND_CONFLICTS },
    ];
    const results = await run(`${rows.length} values`, statements, 'atomic');
    for (const [series, { first, last }] of days) {
      series.firstDay = Math.min(series.firstDay, first);
      series.lastDay = Math.max(series.lastDay, last);
    }
    return { conflicts: (results.at(-1)?.rows ?? []) as WriteOutcome['conflicts'] };
  };

  const erase = async ({ point, privacy }: PointReference): Promise<void> => {
    const parameters = [point, privacy];
    const erasing = [
      { sql: ERASE_READINGS, parameters },
      { sql: ERASE_SERIES, parameters },
    ];
    await run(`the erasure of ${point}`, erasing, 'atomic');
    index.forget(point, privacy);
    await run(`the erasure of ${point}`, [{ sql: TRUNCATE_LOG }], 'each');
  };

  return {
    write: (readings) => inTurn(() => write(readings)),
    async series({ point, privacy, quantity, from, to }, limit) {
      if (to <= from) return [];
      const rows = await read(SELECT_SERIES, [point, privacy, quantity, from, to, dayOf(from), dayOf(to - 1), limit]);
      return (rows as ValueRow[]).map(seriesValue).sort((a, b) => a.at - b.at);
    },
    async latest(points) {
      if (points.length === 0) return new Map();
      const parameterRows = points.map(({ point, privacy }) => [point, privacy]);
      const [answer] = await run('a read', [{ sql: LATEST_OF_POINT, parameterRows }], 'each');
      return latestByPoint(points, answer?.rows ?? []);
    },
    lastAtOrBefore: (point, quantity, at) => nearest(LAST_AT_OR_BEFORE, point, quantity, at),
    firstAtOrAfter: (point, quantity, at) => nearest(FIRST_AT_OR_AFTER, point, quantity, at),
    async latestInstant() {
      const [row] = await read(LATEST_INSTANT, []);
      return (row as { at: Instant | null } | undefined)?.at ?? null;
    },
    erase: (point) => inTurn(() => erase(point)),
    async ping() {
      await read('SELECT 1', []);
    },
    close: () => connection.close(),
  };
};

/**
 * The series of one machine in one SQLite file. Rejects with `DATA_FOLDER_UNWRITABLE` or `DATA_FOLDER_NEWER`.
 */
export const createSqliteStore = async ({ file, logger }: SqliteStoreOptions): Promise<TimeSeriesStore> => {
  const connection = await openSqliteWorker({ file, logger });
  try {
    await prepareSchema(connection, file);
  } catch (thrown) {
    await connection.close();
    throw thrown;
  }
  return storeOver(connection);
};
