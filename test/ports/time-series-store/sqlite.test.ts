import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteWorker } from '#adapters/sqlite/open-sqlite-worker.ts';
import { createSqliteStore } from '#adapters/time-series-store/sqlite/sqlite-store.ts';
import { instant } from '#domain/civil-time.ts';
import { pointId } from '#domain/identifiers.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { startProcess } from '#test/services/start-process.ts';
import { describeRollups } from './rollup-suite.ts';
import { describeTimeSeriesStore, evening, later, measured, reading } from './store-suite.ts';

const startSqlite = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-series-'));
  return {
    store: await createSqliteStore({ file: join(folder, 'series.sqlite'), logger: silentLogger }),
    stop: () => rm(folder, { recursive: true }),
  };
};
describeTimeSeriesStore('SQLite', startSqlite);
describeRollups('SQLite', startSqlite);

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'axone-series-'));
  file = join(folder, 'series.sqlite');
});
afterEach(() => rm(folder, { recursive: true }));

test('a store killed while it writes loses nothing that it had acknowledged, and keeps no half of a batch', async () => {
  const writer = startProcess({ file: 'test/ports/time-series-store/write-until-killed.ts', env: { AXONE_TEST_FILE: file } });
  let acknowledged = 0;
  while (acknowledged < 50) acknowledged = (await writer.line('batch-acknowledged'))['batch'] as number;
  await writer.kill();
  for (const [, batch] of writer.output().matchAll(/"batch":(\d+)/g)) acknowledged = Math.max(acknowledged, Number(batch));

  const store = await createSqliteStore({ file, logger: silentLogger });
  const selection = { point: pointId('point-killed'), privacy: 'operational', from: evening, to: later(evening, 1e9) } as const;
  const powers = await store.series({ ...selection, quantity: 'activePowerW' }, 1e6);
  const voltages = await store.series({ ...selection, quantity: 'voltageV' }, 1e6);
  await store.close();
  expect(powers.length).toBeGreaterThanOrEqual(acknowledged * 20);
  expect(powers.length % 20).toBe(0);
  expect(voltages).toHaveLength(powers.length);
});

test('a store opened again goes on where it was', async () => {
  const point = pointId('point-reopened');
  for (const second of [0, 10]) {
    const store = await createSqliteStore({ file, logger: silentLogger });
    await store.write([reading(point, later(evening, second), [measured('activePowerW', second)])], { redelivered: false });
    await store.close();
  }
  const store = await createSqliteStore({ file, logger: silentLogger });
  const outcome = await store.write([reading(point, evening, [measured('activePowerW', 99)])], { redelivered: false });
  expect(outcome.conflicts).toHaveLength(1);
  expect((await store.latest([{ point, privacy: 'operational' }])).get(point)?.get('activePowerW')?.value).toBe(10);
  await store.close();
});

test('a file from a newer version is refused in one sentence and left as it is', async () => {
  await (await createSqliteStore({ file, logger: silentLogger })).close();
  const connection = await openSqliteWorker({ file, logger: silentLogger });
  await connection.execute([{ sql: 'PRAGMA user_version = 99' }], 'each');
  await connection.close();
  await expect(createSqliteStore({ file, logger: silentLogger })).rejects.toMatchObject({
    code: 'DATA_FOLDER_NEWER',
    fields: { folder },
  });
});

/** The tables of version 1, with two values of one instant, one missing and one of a dwelling. */
const VERSION_1 = [
  `CREATE TABLE series (id INTEGER PRIMARY KEY, point TEXT NOT NULL, privacy TEXT NOT NULL, quantity TEXT NOT NULL,
     first_day INTEGER NOT NULL, last_day INTEGER NOT NULL, UNIQUE (point, privacy, quantity)) STRICT`,
  `CREATE TABLE reading (day INTEGER NOT NULL, series INTEGER NOT NULL, at INTEGER NOT NULL, value REAL, quality INTEGER NOT NULL,
     PRIMARY KEY (day, series, at)) STRICT, WITHOUT ROWID`,
  `INSERT INTO series VALUES (1, 'point-former', 'operational', 'activePowerW', 20000, 20001),
     (2, 'point-former', 'operational', 'voltageV', 20000, 20000), (3, 'point-flat', 'dwelling', 'energyImportedWh', 20000, 20000)`,
  `INSERT INTO reading VALUES (20000, 1, 1728000000000, 21.8, 0), (20000, 2, 1728000000000, 230.1, 1),
     (20001, 1, 1728086400000, NULL, 3), (20000, 3, 1728000000000, 182400, 2)`,
  'PRAGMA user_version = 1',
];

test('a file of version 1 is taken over as it is, and its rollups are to be made', async () => {
  const connection = await openSqliteWorker({ file, logger: silentLogger });
  await connection.execute(
    VERSION_1.map((sql) => ({ sql })),
    'each',
  );
  await connection.close();

  const store = await createSqliteStore({ file, logger: silentLogger });
  const whole = { from: instant(0), to: instant(8e12) } as const;
  const former = { point: pointId('point-former'), privacy: 'operational' } as const;
  expect(await store.series({ ...former, ...whole, quantity: 'activePowerW' }, 10)).toEqual([
    { at: 1_728_000_000_000, value: 21.8, quality: 'measured' },
    { at: 1_728_086_400_000, value: null, quality: 'missing' },
  ]);
  expect((await store.latest([former])).get(former.point)?.get('voltageV')).toEqual({
    at: 1_728_000_000_000,
    value: 230.1,
    quality: 'estimated',
  });
  const flat = { point: pointId('point-flat'), privacy: 'dwelling', quantity: 'energyImportedWh' } as const;
  expect(await store.series({ ...flat, ...whole }, 10)).toEqual([{ at: 1_728_000_000_000, value: 182_400, quality: 'doubtful' }]);
  expect(await store.stale(10)).toHaveLength(3);
  await store.close();
});

test('what was to be rolled up before a restart still is', async () => {
  const point = pointId('point-restarted');
  const first = await createSqliteStore({ file, logger: silentLogger });
  await first.write([reading(point, evening, [measured('activePowerW', 1)])], { redelivered: false });
  const [taken] = await first.stale(10);
  await first.close();
  const second = await createSqliteStore({ file, logger: silentLogger });
  const [still] = await second.stale(10);
  expect(still?.hours).toEqual(taken?.hours);
  await second.settle(still === undefined ? [] : [still]);
  expect(await second.stale(10)).toEqual([]);
  await second.close();
});

test('a closed store says that it is unavailable', async () => {
  const store = await createSqliteStore({ file, logger: silentLogger });
  await store.close();
  await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});
