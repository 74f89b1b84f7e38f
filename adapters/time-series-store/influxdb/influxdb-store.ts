import { fault } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type {
  PointReference,
  Privacy,
  SeriesValue,
  StoredReading,
  TimeSeriesStore,
  WriteOutcome,
} from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import type { PointId } from '#domain/identifiers.ts';
import { createInfluxHttp, type InfluxHttp } from './influx-http.ts';
import { readLatest } from './latest-values.ts';
import { MEASUREMENT, qualityField, readingLine, valueField, valueInRow } from './reading-line.ts';
import { NOTHING_BEFORE, readWrittenBefore } from './written-before.ts';

export interface InfluxdbStoreOptions {
  /** Of InfluxDB 1.x, or the 1.x interface of a later one, such as `http://127.0.0.1:8086`. */
  readonly url: string;
  /** For everything but dwellings; made when absent. */
  readonly database: string;
  /** For dwellings alone, so that Grafana's user can be kept out of it; made when absent. */
  readonly dwellingDatabase: string;
  readonly username?: string;
  readonly password?: string;
  readonly logger: Logger;
}

/** InfluxDB counts nanoseconds in 64 bits: instants beyond 2262 are asked as this one. */
const LATEST_MS = 9_200_000_000_000;
const FIRST_PAGE = 8;
const LARGEST_PAGE = 4_096;

const clamped = (at: number): number => Math.max(-LATEST_MS, Math.min(LATEST_MS, at));

/** Makes the databases that are not there, once for each connection to a server. */
const createDatabases = async (http: InfluxHttp, names: readonly string[], logger: Logger): Promise<void> => {
  const [series = []] = await http.query('SHOW DATABASES');
  const present = new Set(series.flatMap(({ rows }) => rows.map((row) => row['name'])));
  for (const name of names) {
    if (present.has(name)) continue;
    await http.query(`CREATE DATABASE "${name.replaceAll(/["\\]/g, '\\$&')}"`);
    logger.info('store-database-created', { database: name });
  }
};

const linesAndConflicts = async (
  http: InfluxHttp,
  database: string,
  readings: readonly StoredReading[],
  redelivered: boolean,
) => {
  const before = redelivered ? await readWrittenBefore(http, database, readings) : NOTHING_BEFORE;
  const lines = readings.flatMap((reading) => readingLine(reading, before.qualifiedOf(reading)) ?? []);
  return { lines, conflicts: readings.flatMap(before.conflictsOf) };
};

/** Walks pages of growing size until a value that is not missing, for a register that was silent a long time. */
const nearestValue = async (
  page: (from: number, limit: number) => Promise<readonly SeriesValue[]>,
  from: Instant,
  direction: 1 | -1,
): Promise<SeriesValue | null> => {
  let start: number = from;
  for (let limit = FIRST_PAGE; ; limit = Math.min(limit * 8, LARGEST_PAGE)) {
    const values = await page(start, limit);
    const found = values.find(({ value }) => value !== null);
    if (found !== undefined) return found;
    const last = values.at(-1);
    if (last === undefined || values.length < limit) return null;
    start = last.at + direction;
  }
};

/** The series in InfluxDB, written through its client, read with InfluxQL; dwellings in a database of their own. */
export const createInfluxdbStore = (options: InfluxdbStoreOptions): TimeSeriesStore => {
  const http = createInfluxHttp(options);
  const databases: Readonly<Record<Privacy, string>> = { operational: options.database, dwelling: options.dwellingDatabase };
  let prepared: Promise<void> | null = null;

  const prepare = async (): Promise<void> => {
    prepared ??= createDatabases(http, Object.values(databases), options.logger);
    try {
      await prepared;
    } catch (thrown) {
      prepared = null;
      throw thrown;
    }
  };

  const valuesOf = async (point: PointReference, quantity: QuantityName, condition: string, order: string, limit: number) => {
    await prepare();
    const text = `SELECT "${valueField(quantity)}", "${qualityField(quantity)}" FROM "${MEASUREMENT}" WHERE "point" = $point AND ${condition} ORDER BY time ${order} LIMIT ${limit}`;
    const [series = []] = await http.query(text, { point: point.point }, databases[point.privacy]);
    return (series[0]?.rows ?? []).flatMap((row) => valueInRow(row, quantity) ?? []);
  };

  const writeTo = async (privacy: Privacy, readings: readonly StoredReading[], redelivered: boolean) => {
    const own = readings.filter((reading) => reading.privacy === privacy);
    if (own.length === 0) return [];
    try {
      const { lines, conflicts } = await linesAndConflicts(http, databases[privacy], own, redelivered);
      await http.write(databases[privacy], lines);
      return conflicts;
    } catch (thrown) {
      // the server may come back without its databases
      prepared = null;
      throw thrown;
    }
  };

  return {
    async write(readings, { redelivered }): Promise<WriteOutcome> {
      await prepare();
      const operational = await writeTo('operational', readings, redelivered);
      return { conflicts: [...operational, ...(await writeTo('dwelling', readings, redelivered))] };
    },
    async series({ quantity, from, to, ...point }, limit) {
      if (to <= from || limit <= 0) return [];
      return await valuesOf(point, quantity, `time >= ${clamped(from)}ms AND time < ${clamped(to)}ms`, 'ASC', limit);
    },
    async latest(points) {
      await prepare();
      const latest = new Map<PointId, ReadonlyMap<QuantityName, SeriesValue>>(points.map(({ point }) => [point, new Map()]));
      for (const privacy of ['operational', 'dwelling'] as const) {
        const own = points.filter((point) => point.privacy === privacy).map(({ point }) => point);
        for (const [point, values] of await readLatest(http, databases[privacy], own)) latest.set(point, values);
      }
      return latest;
    },
    lastAtOrBefore: (point, quantity, at) =>
      nearestValue((from, limit) => valuesOf(point, quantity, `time <= ${clamped(from)}ms`, 'DESC', limit), at, -1),
    firstAtOrAfter: (point, quantity, at) =>
      nearestValue((from, limit) => valuesOf(point, quantity, `time >= ${clamped(from)}ms`, 'ASC', limit), at, 1),
    async latestInstant() {
      await prepare();
      const instants: number[] = [];
      for (const database of Object.values(databases)) {
        const [series = []] = await http.query(`SELECT * FROM "${MEASUREMENT}" ORDER BY time DESC LIMIT 1`, {}, database);
        const time = series[0]?.rows[0]?.['time'];
        if (typeof time === 'number') instants.push(time);
      }
      return instants.length === 0 ? null : instant(Math.max(...instants));
    },
    async erase({ point, privacy }) {
      await prepare();
      await http.query(`DROP SERIES FROM "${MEASUREMENT}" WHERE "point" = '${point}'`, {}, databases[privacy]);
      const [left = []] = await http.query(
        `SELECT * FROM "${MEASUREMENT}" WHERE "point" = $point LIMIT 1`,
        { point },
        databases[privacy],
      );
      if (left.length > 0) throw fault('STORE_REFUSED', { what: `the erasure of ${point}`, reason: 'a read still finds values' });
    },
    async ping() {
      await http.ping();
      await prepare();
    },
    close: () => Promise.resolve(),
  };
};
