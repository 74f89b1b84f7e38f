import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInfluxdbStore } from '#adapters/time-series-store/influxdb/influxdb-store.ts';
import { createSqliteStore } from '#adapters/time-series-store/sqlite/sqlite-store.ts';
import type { PointReference, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { instant, parseInstant } from '#domain/civil-time.ts';
import { pointId } from '#domain/identifiers.ts';
import { archiveSeries, restoreSeries } from '#ingest/index.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { type StartedInfluxdb, startInfluxdb } from '#test/services/start-influxdb.ts';

const evening = parseInstant('2026-11-24T21:00:00Z');
const READINGS = 6_000;
const lamp: PointReference = { point: pointId('point-lamp'), privacy: 'operational' };
const flat: PointReference = { point: pointId('point-flat'), privacy: 'dwelling' };
const POINTS = [lamp, flat, { point: pointId('point-silent'), privacy: 'operational' }] as const;

let folder: string;
let influxdb: StartedInfluxdb;
let databases = 0;
const stores: TimeSeriesStore[] = [];
const kept = (store: TimeSeriesStore): TimeSeriesStore => {
  stores.push(store);
  return store;
};

const NEW_STORE: Readonly<Record<'SQLite' | 'InfluxDB', () => Promise<TimeSeriesStore>>> = {
  SQLite: async () => {
    const file = join(await mkdtemp(join(folder, 'store-')), 'series.sqlite');
    return kept(await createSqliteStore({ file, logger: silentLogger }));
  },
  InfluxDB: () => {
    databases += 1;
    const database = `axone_${databases}`;
    return Promise.resolve(
      kept(createInfluxdbStore({ url: influxdb.url, database, dwellingDatabase: `${database}_dwellings`, logger: silentLogger })),
    );
  },
};
const ENGINES = ['SQLite', 'InfluxDB'] as const;

const fill = async (store: TimeSeriesStore): Promise<void> => {
  const readings = Array.from({ length: READINGS }, (_, index) => ({
    ...lamp,
    at: instant(evening + index * 5_000),
    values: [
      index % 100 === 7
        ? ({ quantity: 'activePowerW', value: null, quality: 'missing' } as const)
        : ({ quantity: 'activePowerW', value: index / 10, quality: index % 50 === 3 ? 'doubtful' : 'measured' } as const),
    ],
  }));
  await store.write(readings, { redelivered: false });
  await store.write(
    [{ ...flat, at: evening, values: [{ quantity: 'energyImportedWh', value: 4_815_162.342, quality: 'measured' }] }],
    { redelivered: false },
  );
  const bucket = {
    at: evening,
    value: 12.5,
    min: 1,
    max: 20,
    coverage: 0.75,
    quality: 'doubtful',
    flags: ['gap', 'implausible'],
  } as const;
  await store.writeRollups([{ ...lamp, quantity: 'activePowerW', step: 'hour', bucket }]);
};

const archiveOf = async (store: TimeSeriesStore): Promise<string[]> => {
  const lines: string[] = [];
  await archiveSeries(store, POINTS, async (line) => void lines.push(line));
  return lines;
};
const restore = (store: TimeSeriesStore, lines: readonly string[]): Promise<number> =>
  restoreSeries(
    store,
    (async function* () {
      yield* lines;
    })(),
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'axone-series-archives-'));
  influxdb = await startInfluxdb();
}, 60_000);
afterAll(async () => {
  for (const store of stores) await store.close();
  await influxdb.stop();
  await rm(folder, { recursive: true });
});

describe.each(ENGINES)('an archive of the series in %s', (from) => {
  let lines: string[];
  beforeAll(async () => {
    const store = await NEW_STORE[from]();
    await fill(store);
    lines = await archiveOf(store);
  }, 60_000);

  test('holds every value, in parts that fit in memory', () => {
    expect(lines.length).toBeGreaterThan(4);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(500_000);
  });

  test.each(ENGINES)('is restored in %s, value for value', async (to) => {
    const store = await NEW_STORE[to]();
    expect(await restore(store, lines)).toBe(READINGS + 2);
    expect(await archiveOf(store)).toEqual(lines);
  });
});

describe('an archive of series', () => {
  let lines: string[];
  beforeAll(async () => {
    const store = await NEW_STORE.SQLite();
    await fill(store);
    lines = await archiveOf(store);
  });

  test('is refused by a store that holds readings already', async () => {
    const store = await NEW_STORE.SQLite();
    await fill(store);
    await expect(restore(store, lines)).rejects.toMatchObject({ code: 'STORE_NOT_EMPTY' });
  });

  test.each<[string, (lines: readonly string[]) => readonly string[]]>([
    ['that ends too early', (all) => all.slice(0, -1)],
    ['of which a value was changed', (all) => all.map((line) => line.replace('4815162.342', '4815162.343'))],
    ['of a quantity that nobody knows', (all) => all.map((line) => line.replace('"activePowerW"', '"guessedPowerW"'))],
    ['of a registry', (all) => all.with(0, '{"axone":"registry","format":1,"schema":1}')],
    ['of a later version', (all) => all.with(0, '{"axone":"series","format":1,"schema":2}')],
  ])('%s is refused with its line', async (_what, change) => {
    await expect(restore(await NEW_STORE.SQLite(), change(lines))).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
  });
});
