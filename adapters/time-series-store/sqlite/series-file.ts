import Database from 'better-sqlite3';
import { openExpiry } from './expiry.ts';
import { openPresence } from './presence.ts';
import type { ReadingEntry } from './reading-content.ts';
import { openReadingRows, type PackedReadings, type RowConflict, type SeriesSpan } from './reading-rows.ts';
import { openRollupBlocks } from './rollup-blocks.ts';
import type { BucketNumbers } from './rollup-content.ts';
import { prepareSchema, quantityNumbers } from './schema.ts';
import { DAY_MS } from './slots.ts';
import type { StaleDayRow } from './stale-days.ts';

const BUSY_TIMEOUT_MS = 5_000;
const CACHE_KIB = 64 * 1024;

export interface KnownPoint {
  readonly id: number;
  readonly spans: readonly (readonly [quantity: number, firstDay: number, lastDay: number])[];
}

/** Values in long pieces, for the way between threads. Quality 3 is missing. */
export interface PackedValues {
  readonly instants: Float64Array<ArrayBuffer>;
  readonly values: Float64Array<ArrayBuffer>;
  readonly qualities: Uint8Array<ArrayBuffer>;
}

export interface FileWrite extends PackedReadings {
  /** Days that a series did not reach before. */
  readonly widened: readonly (readonly [point: number, quantity: number, firstDay: number, lastDay: number])[];
}

export interface FoundLatest extends ReadingEntry {
  readonly at: number;
}

const configure = (database: Database.Database): void => {
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  // what is deleted is overwritten, so that an erased reading is in no page of the file
  database.pragma('secure_delete = ON');
  database.pragma('temp_store = MEMORY');
  database.pragma(`cache_size = -${CACHE_KIB}`);
};

const packValues = (found: readonly { readonly at: number; readonly value: number | null; readonly quality: number }[]) => ({
  instants: Float64Array.from(found, ({ at }) => at),
  values: Float64Array.from(found, ({ value }) => value ?? Number.NaN),
  qualities: Uint8Array.from(found, ({ quality }) => quality),
});

const firstOf = <T>(found: Iterable<T>, limit: number): T[] => {
  const first: T[] = [];
  if (limit > 0)
    for (const each of found) {
      first.push(each);
      if (first.length >= limit) break;
    }
  return first;
};

/** The series file, opened: all it can do, at once and on the caller's thread. Throws what SQLite throws, or `DATA_FOLDER_NEWER`. */
export const openSeriesFile = (file: string) => {
  const database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  configure(database);
  prepareSchema(database, file);
  const presence = openPresence(database);
  const rows = openReadingRows(database, presence);
  const rollups = openRollupBlocks(database);
  const expiry = openExpiry(database, presence);

  const addPoint = database.prepare('INSERT INTO point (point, privacy) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const findPoint = database.prepare<[string, string], number>('SELECT id FROM point WHERE point = ? AND privacy = ?').pluck();
  const spansOf = database
    .prepare<[number], [number, number, number]>('SELECT quantity, first_day, last_day FROM series WHERE point = ?')
    .raw();
  const widen = database.prepare(`INSERT INTO series VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    first_day = min(first_day, excluded.first_day), last_day = max(last_day, excluded.last_day)`);
  const spanOf = database
    .prepare<[number, number], [number, number]>('SELECT first_day, last_day FROM series WHERE point = ? AND quantity = ?')
    .raw();
  const newest = database.prepare<[], { point: number; day: number }>(
    'SELECT DISTINCT point, last_day AS day FROM series WHERE last_day = (SELECT max(last_day) FROM series)',
  );
  const deleteSeries = database.prepare('DELETE FROM series WHERE point = ?');
  const deletePoint = database.prepare('DELETE FROM point WHERE id = ?');
  const deletePresence = database.prepare('DELETE FROM presence WHERE point = ? AND day = ?');
  const seriesOf = database
    .prepare<[string], [number, number]>(
      'SELECT series.point, series.quantity FROM series JOIN point ON point.id = series.point WHERE point.privacy = ?',
    )
    .raw();

  const atomically = <T>(work: () => T): T => {
    try {
      return database.transaction(work).immediate();
    } catch (thrown) {
      presence.forget();
      throw thrown;
    }
  };

  /** What of the asked days the series may hold, or null. */
  const boundedSpan = (span: SeriesSpan): SeriesSpan | null => {
    const days = spanOf.get(span.point, span.quantity);
    if (days === undefined) return null;
    const from = Math.max(span.from, days[0] * DAY_MS);
    const to = Math.min(span.to, (days[1] + 1) * DAY_MS - 1);
    return from > to ? null : { ...span, from, to };
  };

  const latestOf = (point: number): FoundLatest[] => {
    const spans = spansOf.all(point);
    const found = new Map<number, FoundLatest>();
    const days = [...new Set(spans.map(([, , last]) => last))].sort((a, b) => b - a);
    for (const day of days)
      for (const [at, entries] of rows.readingsOfDay(point, day)) {
        for (const entry of entries) if (!found.has(entry.quantity)) found.set(entry.quantity, { ...entry, at });
        if (spans.every(([quantity, , last]) => last < day || found.has(quantity))) break;
      }
    return [...found.values()];
  };

  const eraseDays = (days: readonly { readonly point: number; readonly day: number; readonly hours: number }[]): void => {
    for (const { point, day, hours } of days) {
      rows.eraseDay(point, day, hours);
      deletePresence.run(point, day);
    }
    presence.forget();
  };

  return {
    quantities: () => quantityNumbers(database),
    intern: (points: readonly (readonly [point: string, privacy: string])[]): KnownPoint[] =>
      atomically(() =>
        points.map(([point, privacy]) => {
          addPoint.run(point, privacy);
          const id = findPoint.get(point, privacy) ?? 0;
          return { id, spans: spansOf.all(id) };
        }),
      ),
    write: (batch: FileWrite): RowConflict[] =>
      atomically(() => {
        for (const [point, quantity, first, last] of batch.widened) widen.run(point, quantity, first, last);
        return rows.insert(batch);
      }),
    series(point: string, privacy: string, quantity: number, from: number, to: number, limit: number): PackedValues {
      const id = findPoint.get(point, privacy);
      const span = id === undefined ? null : boundedSpan({ point: id, quantity, from, to: to - 1 });
      return packValues(span === null ? [] : firstOf(rows.walk(span, false), limit));
    },
    latest: (points: readonly (readonly [point: string, privacy: string])[]): FoundLatest[][] =>
      points.map(([point, privacy]) => {
        const id = findPoint.get(point, privacy);
        return id === undefined ? [] : latestOf(id);
      }),
    nearest(point: string, privacy: string, quantity: number, at: number, isBefore: boolean): FoundLatest | null {
      const id = findPoint.get(point, privacy);
      const ends = isBefore ? { from: Number.MIN_SAFE_INTEGER, to: at } : { from: at, to: Number.MAX_SAFE_INTEGER };
      const span = id === undefined ? null : boundedSpan({ point: id, quantity, ...ends });
      if (span !== null) for (const found of rows.walk(span, isBefore)) if (found.value !== null) return found;
      return null;
    },
    latestInstant(): number | null {
      const instants = newest
        .all()
        .flatMap(({ point, day }) => firstOf(rows.readingsOfDay(point, day), 1))
        .map(([at]) => at);
      return instants.length === 0 ? null : Math.max(...instants);
    },
    erase(point: string, privacy: string): void {
      const id = findPoint.get(point, privacy);
      if (id !== undefined)
        atomically(() => {
          const days = [...presence.days(id, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, false)];
          eraseDays(days.map(([day, hours]) => ({ point: id, day, hours })));
          rollups.erasePoint(id);
          deleteSeries.run(id);
          deletePoint.run(id);
        });
      // pages of before are in the write-ahead log too
      database.pragma('wal_checkpoint(TRUNCATE)');
    },
    stale(limit: number, point?: string, privacy?: string): readonly StaleDayRow[] {
      return presence.stale(limit, point === undefined ? null : (findPoint.get(point, privacy ?? '') ?? 0));
    },
    settle: (settled: readonly StaleDayRow[]): void => atomically(() => presence.settle(settled)),
    putRollups: (step: number, buckets: BucketNumbers): void => atomically(() => rollups.put(step, buckets)),
    rollups(step: number, point: string, privacy: string, quantity: number, from: number, to: number): BucketNumbers {
      const id = findPoint.get(point, privacy);
      return id === undefined ? new Float64Array() : rollups.read(step, id, quantity, from, to);
    },
    sumRollups(
      step: number,
      points: readonly (readonly [point: string, privacy: string])[],
      quantity: number,
      from: number,
      to: number,
    ): BucketNumbers {
      const ids = points.flatMap(([point, privacy]) => findPoint.get(point, privacy) ?? []);
      return rollups.sum(step, ids, quantity, from, to);
    },
    oldestDay: expiry.oldestDay,
    expireHour: (privacy: string, day: number, hour: number): void => atomically(() => expiry.expireHour(privacy, day, hour)),
    forgetDay: (privacy: string, day: number): void => atomically(() => expiry.forgetDay(privacy, day)),
    expireRollups(step: number, privacy: string, before: number): boolean {
      const all = seriesOf.all(privacy);
      return atomically(() => all.filter(([point, quantity]) => rollups.expire(step, point, quantity, before)).length > 0);
    },
    /** What was deleted leaves the write-ahead log too. */
    truncateLog: (): void => void database.pragma('wal_checkpoint(TRUNCATE)'),
    ping: (): void => void database.prepare('SELECT 1').get(),
    close: (): void => void database.close(),
  };
};

export type SeriesFile = ReturnType<typeof openSeriesFile>;
