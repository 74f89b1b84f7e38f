import { fault } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type {
  PointReference,
  Privacy,
  RollupSum,
  SeriesValue,
  StoredReading,
  TimeSeriesStore,
  WriteOutcome,
} from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import { flagsOf, worseQuality } from '#domain/energy/rollup.ts';
import type { PointId } from '#domain/identifiers.ts';
import { eraseStatements, expireStatement, type InfluxGeneration } from './generations.ts';
import { clampedMs, createInfluxHttp, type InfluxHttp, type InfluxServer } from './influx-http.ts';
import { readLatest } from './latest-values.ts';
import { MEASUREMENT, qualityField, readingLine, valueField, valueInRow } from './reading-line.ts';
import { ROLLUP_MEASUREMENTS, readRollups, rollupLines, rollupMeasurement, sumRollups } from './rollup-lines.ts';
import { NOTHING_BEFORE, readWrittenBefore } from './written-before.ts';
import { createWrittenHours, STALE_MEASUREMENT } from './written-hours.ts';

export interface InfluxdbStoreOptions extends InfluxServer {
  /** For everything but dwellings; made when absent, by 1.x. A bucket of this name in 2.x. */
  readonly database: string;
  /** For dwellings alone, so that Grafana's user can be kept out of it; made when absent, by 1.x. */
  readonly dwellingDatabase: string;
  readonly logger: Logger;
}

const FIRST_PAGE = 8;
const LARGEST_PAGE = 4_096;
const DAY_MS = 86_400_000;

/** Makes the databases that are not there, once for each connection to a server. */
const createDatabases = async (
  http: InfluxHttp,
  names: readonly string[],
  generation: InfluxGeneration,
  logger: Logger,
): Promise<void> => {
  const [series = []] = await http.query('SHOW DATABASES');
  const present = new Set(series.flatMap(({ rows }) => rows.map((row) => row['name'])));
  for (const name of names) {
    if (present.has(name)) continue;
    if (generation !== 1)
      throw fault('STORE_UNAVAILABLE', { reason: `there is no ${name}, and InfluxDB ${generation} makes none by itself` });
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

/** Sums of the two databases, in order: the same starts are one bucket. */
const addSums = (sums: readonly RollupSum[]): RollupSum[] =>
  [...Map.groupBy(sums, ({ at }) => at).values()].map((same) => same.reduce(addSum)).sort((a, b) => a.at - b.at);

const addSum = (a: RollupSum, b: RollupSum): RollupSum => ({
  at: a.at,
  sum: a.sum + b.sum,
  points: a.points + b.points,
  coverage: Math.min(a.coverage, b.coverage),
  quality: worseQuality(a.quality, b.quality),
  flags: flagsOf(a.flags, b.flags),
});

/** The series in InfluxDB, written through its client, read with InfluxQL; dwellings in a database of their own. */
export const createInfluxdbStore = (options: InfluxdbStoreOptions): TimeSeriesStore => {
  const http = createInfluxHttp(options);
  const databases: Readonly<Record<Privacy, string>> = { operational: options.database, dwelling: options.dwellingDatabase };
  const generation = options.generation ?? 1;
  const hours = createWrittenHours();
  let prepared: Promise<void> | null = null;
  /** Marks that are being deleted, and writes that may bring some. */
  let cleaning: Promise<void> = Promise.resolve();
  const writing = new Set<Promise<unknown>>();

  const prepare = async (): Promise<void> => {
    prepared ??= createDatabases(http, Object.values(databases), options.generation ?? 1, options.logger);
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
    const marks = hours.writing(privacy, own);
    try {
      const { lines, conflicts } = await linesAndConflicts(http, databases[privacy], own, redelivered);
      await http.write(databases[privacy], [...marks.lines, ...lines]);
      marks.written(true);
      return conflicts;
    } catch (thrown) {
      marks.written(false);
      // the server may come back without its databases
      prepared = null;
      throw thrown;
    }
  };

  const writeBoth = async (readings: readonly StoredReading[], redelivered: boolean): Promise<WriteOutcome> => {
    const operational = await writeTo('operational', readings, redelivered);
    return { conflicts: [...operational, ...(await writeTo('dwelling', readings, redelivered))] };
  };

  const deleteMarks = async (before: Instant): Promise<void> => {
    await Promise.allSettled(writing);
    for (const database of Object.values(databases))
      await http.query(expireStatement(generation, STALE_MEASUREMENT, before), {}, database);
  };

  return {
    async write(readings, { redelivered }): Promise<WriteOutcome> {
      await prepare();
      await cleaning;
      const written = writeBoth(readings, redelivered);
      writing.add(written);
      try {
        return await written;
      } finally {
        writing.delete(written);
      }
    },
    async stale(limit, point) {
      await prepare();
      await hours.recall(http, databases);
      return hours.stale(limit, point);
    },
    async settle(settled) {
      hours.settle(settled);
      const before = hours.settledBefore();
      if (before === null) return;
      const cleaned = deleteMarks(before);
      cleaning = cleaned.catch(() => undefined);
      await cleaned;
    },
    async writeRollups(rollups) {
      await prepare();
      for (const [privacy, own] of Map.groupBy(rollups, (rollup) => rollup.privacy))
        await http.write(databases[privacy], rollupLines(own));
    },
    async rollups(selection) {
      if (selection.to <= selection.from) return [];
      await prepare();
      return readRollups(http, databases[selection.privacy], selection);
    },
    async sumRollups(selection) {
      if (selection.to <= selection.from || selection.points.length === 0) return [];
      await prepare();
      const sums: RollupSum[] = [];
      for (const [privacy, own] of Map.groupBy(selection.points, (point) => point.privacy)) {
        const points = own.map(({ point }) => point);
        sums.push(...(await sumRollups(http, databases[privacy], selection, points)).values());
      }
      return addSums(sums);
    },
    async expire({ privacy, kind, before }) {
      await prepare();
      const measurement = kind === 'readings' ? MEASUREMENT : rollupMeasurement(kind);
      const end = kind === 'readings' ? instant(Math.floor(before / DAY_MS) * DAY_MS) : before;
      await http.query(expireStatement(generation, measurement, end), {}, databases[privacy]);
    },
    async series({ quantity, from, to, ...point }, limit) {
      if (to <= from || limit <= 0) return [];
      return await valuesOf(point, quantity, `time >= ${clampedMs(from)}ms AND time < ${clampedMs(to)}ms`, 'ASC', limit);
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
      nearestValue((from, limit) => valuesOf(point, quantity, `time <= ${clampedMs(from)}ms`, 'DESC', limit), at, -1),
    firstAtOrAfter: (point, quantity, at) =>
      nearestValue((from, limit) => valuesOf(point, quantity, `time >= ${clampedMs(from)}ms`, 'ASC', limit), at, 1),
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
      const measurements = [MEASUREMENT, STALE_MEASUREMENT, ...ROLLUP_MEASUREMENTS];
      for (const statement of eraseStatements(generation, measurements, point))
        await http.query(statement, {}, databases[privacy]);
      hours.forget({ point, privacy });
      const [left = []] = await http.query(
        `SELECT * FROM /^(${measurements.join('|')})$/ WHERE "point" = $point LIMIT 1`,
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
