import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createInfluxdbStore } from '#adapters/time-series-store/influxdb/influxdb-store.ts';
import { createSqliteStore } from '#adapters/time-series-store/sqlite/sqlite-store.ts';
import type { StoredReading, StoredRollup, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import { instant, parseInstant } from '#domain/civil-time.ts';
import type { RollupStep } from '#domain/energy/rollup.ts';
import { pointId } from '#domain/identifiers.ts';
import { startInfluxdb } from '#test/services/start-influxdb.ts';
import { type Bench, type BenchRow, rateRow, row } from './bench.ts';

const QUANTITIES: readonly QuantityName[] = [
  'activePowerW',
  'voltageV',
  'currentA',
  'frequencyHz',
  'powerFactor',
  'energyImportedWh',
  'gearTemperatureC',
  'effectiveLevelPercent',
];
const START = parseInstant('2026-01-01T00:00:00Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const HOURS_A_YEAR = 8_760;
const DAYS_A_YEAR = 365;

/** Ten thousand devices read once a minute; what one meter shows is one decimal, more or less. */
const DEVICES = 10_000;
const READINGS_A_BATCH = 5_000;
const BATCHES = 60;
/** Before the clock starts: series are new only once. */
const WARM_BATCHES = 4;
const RUNS = 5;

const points = Array.from({ length: DEVICES }, (_, index) => pointId(`point-bench-${index}`));
const SUMMED = 1_000;
const summed = points.slice(0, SUMMED).map((point) => ({ point, privacy: 'operational' as const }));
const [device] = summed;
if (device === undefined) throw new RangeError('There is no device');

const readingOf = (index: number): StoredReading => {
  const minute = Math.floor(index / DEVICES);
  const point = points[index % DEVICES];
  if (point === undefined) throw new RangeError('There is no such device');
  return {
    point,
    privacy: 'operational',
    at: instant(START + minute * MINUTE_MS),
    values: QUANTITIES.map((quantity, row) => ({
      quantity,
      value: Math.round((20 + (index % 97) * (row + 1) + minute * 0.7) * 10) / 10,
      quality: 'measured',
    })),
  };
};

const batches = (count: number): StoredReading[][] =>
  Array.from({ length: count }, (_, batch) =>
    Array.from({ length: READINGS_A_BATCH }, (__, index) => readingOf(batch * READINGS_A_BATCH + index)),
  );

/** Readings a second, each batch durable before the next is given, and CPU microseconds of this process a reading. */
const measureWrites = async (store: TimeSeriesStore, count: number) => {
  const all = batches(count + WARM_BATCHES);
  for (const batch of all.slice(0, WARM_BATCHES)) await store.write(batch, { redelivered: false });
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  for (const batch of all.slice(WARM_BATCHES)) await store.write(batch, { redelivered: false });
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const readings = count * READINGS_A_BATCH;
  const againAt = performance.now();
  for (const batch of all.slice(-WARM_BATCHES)) await store.write(batch, { redelivered: true });
  const again = (WARM_BATCHES * READINGS_A_BATCH * 1_000) / (performance.now() - againAt);
  return { rate: readings / seconds, cpuMicroseconds: (user + system) / readings, again };
};

/** The buckets of one start, of all that a device says: a read finds its quantity among the eight. */
const rollupsOf = (point: StoredRollup['point'], step: RollupStep, index: number, lengthMs: number): StoredRollup[] => {
  const at = instant(START + index * lengthMs);
  const bucket = { at, value: 100 + index / 7, min: 90, max: 110.5, coverage: 1, quality: 'measured', flags: [] } as const;
  return QUANTITIES.map((quantity) => ({ point, privacy: 'operational', quantity, step, bucket }));
};

/** A year of hours of one device, and a year of days of a thousand. */
const fillRollups = async (store: TimeSeriesStore): Promise<void> => {
  await store.writeRollups(
    Array.from({ length: HOURS_A_YEAR }, (_, hour) => rollupsOf(device.point, 'hour', hour, HOUR_MS)).flat(),
  );
  for (const { point } of summed)
    await store.writeRollups(Array.from({ length: DAYS_A_YEAR }, (_, day) => rollupsOf(point, 'day', day, 24 * HOUR_MS)).flat());
};

const timed = async (expected: number, read: () => Promise<readonly unknown[]>): Promise<number[]> => {
  const took: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const startedAt = performance.now();
    const found = await read();
    took.push(performance.now() - startedAt);
    if (found.length !== expected) throw new RangeError(`${found.length} rows were read where ${expected} are`);
  }
  return took;
};

const measureReads = async (store: TimeSeriesStore) => {
  await fillRollups(store);
  const year = { from: START, to: instant(START + HOURS_A_YEAR * HOUR_MS), quantity: 'energyImportedWh' } as const;
  return {
    hours: await timed(HOURS_A_YEAR, () => store.rollups({ ...device, ...year, step: 'hour' })),
    days: await timed(DAYS_A_YEAR, () => store.sumRollups({ points: summed, ...year, step: 'day' })),
  };
};

const measureSqlite = async (say: (text: string) => void): Promise<readonly BenchRow[]> => {
  const writes: Awaited<ReturnType<typeof measureWrites>>[] = [];
  let bytes = Number.NaN;
  for (let run = 0; run < RUNS; run += 1) {
    say(`SQLite, run ${run + 1} of ${RUNS}`);
    const folder = await mkdtemp(join(tmpdir(), 'axone-bench-store-'));
    const file = join(folder, 'series.sqlite');
    const store = await createSqliteStore({ file, logger: silentLogger });
    writes.push(await measureWrites(store, BATCHES));
    await store.close();
    bytes = (await stat(file)).size / ((BATCHES + WARM_BATCHES) * READINGS_A_BATCH);
    await rm(folder, { recursive: true });
  }
  const folder = await mkdtemp(join(tmpdir(), 'axone-bench-store-'));
  const store = await createSqliteStore({ file: join(folder, 'series.sqlite'), logger: silentLogger });
  const { hours, days } = await measureReads(store);
  await store.close();
  await rm(folder, { recursive: true });
  return [
    rateRow(
      'SQLite: durable idempotent readings of 8 values',
      'readings/s',
      150_000,
      writes.map(({ rate }) => rate),
    ),
    row(
      'SQLite: the same readings again',
      'readings/s',
      null,
      writes.map(({ again }) => again),
    ),
    row(
      'SQLite: CPU of a reading',
      'µs',
      null,
      writes.map(({ cpuMicroseconds }) => cpuMicroseconds),
    ),
    row('SQLite: a reading on disk', 'bytes', null, [bytes]),
    row('SQLite: one device’s year by the hour', 'ms', 20, hours),
    row('SQLite: daily sums of 1,000 devices over a year', 'ms', 300, days),
  ];
};

const INFLUXDB_BATCHES = 20;

const measureInfluxdb = async (say: (text: string) => void): Promise<readonly BenchRow[]> => {
  say('InfluxDB 1.6');
  const influxdb = await startInfluxdb();
  try {
    const names = { database: 'axone', dwellingDatabase: 'axone_dwellings' };
    const store = createInfluxdbStore({ url: influxdb.url, ...names, logger: silentLogger });
    const { rate, cpuMicroseconds } = await measureWrites(store, INFLUXDB_BATCHES);
    const { hours, days } = await measureReads(store);
    await store.close();
    return [
      row('InfluxDB: durable idempotent readings of 8 values', 'readings/s', null, [rate]),
      row('InfluxDB: CPU of a reading, ours alone', 'µs', null, [cpuMicroseconds]),
      row('InfluxDB: one device’s year by the hour', 'ms', null, hours),
      row('InfluxDB: daily sums of 1,000 devices over a year', 'ms', null, days),
    ];
  } finally {
    await influxdb.stop();
  }
};

export const bench: Bench = {
  summary: 'readings written for good, a year read by the hour, a thousand devices added up, on SQLite and on InfluxDB',
  async run(say) {
    return [...(await measureSqlite(say)), ...(await measureInfluxdb(say))];
  },
};
