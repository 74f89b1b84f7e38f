import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteWorker } from '#adapters/sqlite/open-sqlite-worker.ts';
import { createSqliteStore } from '#adapters/time-series-store/sqlite/sqlite-store.ts';
import { pointId } from '#domain/identifiers.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { startProcess } from '#test/services/start-process.ts';
import { describeTimeSeriesStore, evening, later, measured, reading } from './store-suite.ts';

describeTimeSeriesStore('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-series-'));
  return {
    store: await createSqliteStore({ file: join(folder, 'series.sqlite'), logger: silentLogger }),
    stop: () => rm(folder, { recursive: true }),
  };
});

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

test('a closed store says that it is unavailable', async () => {
  const store = await createSqliteStore({ file, logger: silentLogger });
  await store.close();
  await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});
